"""All families together."""

from collections.abc import Sequence

from appliance.privacy.patterns import (
    accounts,
    communities,
    contact,
    credentials,
    devices,
    finance,
    hashes,
    logins,
    logs,
    national,
    network,
    passwords,
    places,
    secrets,
    sessions,
    telecom,
    wireless,
)
from appliance.privacy.proofs.phones import REGIONS
from appliance.privacy.scanning.pattern import Pattern

PATTERNS: tuple[Pattern, ...] = (
    *contact.PATTERNS,
    *finance.PATTERNS,
    *national.PATTERNS,
    *places.PATTERNS,
    *telecom.PATTERNS,
    *network.PATTERNS,
    *devices.PATTERNS,
    *wireless.PATTERNS,
    *accounts.PATTERNS,
    *logins.PATTERNS,
    *sessions.PATTERNS,
    *communities.PATTERNS,
    *logs.PATTERNS,
    *hashes.PATTERNS,
    *passwords.PATTERNS,
    *credentials.PATTERNS,
    *secrets.PATTERNS,
)


def patterns_for(regions: Sequence[str]) -> tuple[Pattern, ...]:
    """`PATTERNS`, with the telephone numbers of these regions."""
    if regions == REGIONS:
        return PATTERNS
    phones = {each.name: each for each in contact.phone_patterns(regions)}
    return tuple(phones.get(each.name, each) for each in PATTERNS)
