"""All families together."""

from collections.abc import Sequence

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
from appliance.privacy.phones import REGIONS

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


def patterns_for(regions: Sequence[str]) -> tuple[Pattern, ...]:
    """`PATTERNS`, with the telephone numbers of these regions."""
    if regions == REGIONS:
        return PATTERNS
    phones = {each.name: each for each in contact.phone_patterns(regions)}
    return tuple(phones.get(each.name, each) for each in PATTERNS)
