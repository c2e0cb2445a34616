"""Everything a request needs, built once by `wiring` and passed down."""

from dataclasses import dataclass

from appliance.audit import Ledger
from appliance.identity import Identity
from appliance.limits import Limits
from appliance.metrics import Metrics
from appliance.privacy.kept import Kept
from appliance.privacy.privacy import Privacy
from appliance.settings import Settings
from appliance.trace import Tracer
from inference.fleet import Fleet


@dataclass(frozen=True, slots=True)
class Ring:
    settings: Settings
    identity: Identity
    limits: Limits
    ledger: Ledger
    metrics: Metrics
    privacy: Privacy
    kept: Kept
    tracer: Tracer
    fleet: Fleet
