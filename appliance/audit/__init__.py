"""The ledger of what was done, in a form that shows every later change."""

from appliance.audit.entry import Entry
from appliance.audit.ledger import Ledger

__all__ = ["Entry", "Ledger"]
