"""All families together."""

from appliance.privacy.pattern import Pattern
from appliance.privacy.patterns import (
    accounts,
    contact,
    devices,
    finance,
    logins,
    national,
    network,
    passwords,
    places,
    secrets,
    telecom,
)

PATTERNS: tuple[Pattern, ...] = (
    *contact.PATTERNS,
    *finance.PATTERNS,
    *national.PATTERNS,
    *places.PATTERNS,
    *telecom.PATTERNS,
    *network.PATTERNS,
    *devices.PATTERNS,
    *accounts.PATTERNS,
    *logins.PATTERNS,
    *passwords.PATTERNS,
    *secrets.PATTERNS,
)
