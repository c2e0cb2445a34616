"""Telephone numbers of every region, by the numbering plans that `phonenumbers` carries.

Its own parser tries one region after another in slow steps; here its plans are compiled into one regular expression
for each region, so that a number is judged for thirty regions in some ten microseconds.
"""

import re
from collections.abc import Iterable

from msgspec import Struct
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from appliance.errors import ConfigError
from appliance.privacy.proofs.checks import digits
from appliance.settings import PHONE_REGIONS

REGIONS = PHONE_REGIONS
EXTENSION = re.compile(r"(?i)[ ,;]{0,2}(?:ext|x|#|poste|durchwahl|dw|anexo|int|toestel|wewn).{0,14}$")
SORTS = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "pager", "uan", "voicemail"),
)


class Plan(Struct, frozen=True):
    """Which national numbers one region has."""

    prefix: re.Pattern[str] | None
    transform: str | None
    number: re.Pattern[str]

    def has(self, national: str) -> bool:
        """With or without what is dialled before it inside of the country."""
        if self.number.fullmatch(national):
            return True
        found = self.prefix.match(national) if self.prefix else None
        if found is None or not found.end():
            return False
        if self.transform and found.lastindex:
            return bool(self.number.fullmatch(found.expand(self.transform) + national[found.end() :]))
        return bool(self.number.fullmatch(national[found.end() :]))


class Phones:
    """Judges numbers; the regions say whose national forms count."""

    def __init__(self, regions: Iterable[str] = REGIONS) -> None:
        self._home = _merged(_known(region) for region in regions)
        self._abroad: dict[int, tuple[Plan, ...]] = {}
        """Plans by country code; there are some 220."""

    def international(self, text: str) -> bool | None:
        """Proven by its plan; a number of the right length may still be one that its plan does not give out."""
        number = _digits(text).removeprefix("00").removeprefix("011")
        for width in (1, 2, 3):
            code, rest = int(number[:width] or 0), number[width:]
            if code in COUNTRY_CODE_TO_REGION_CODE:
                proven = any(plan.has(rest) for plan in self._plans(code))
                return proven or (None if 6 <= len(rest) <= 13 else False)
        return False

    def national(self, text: str) -> bool:
        number = _digits(text)
        return len(set(number)) > 2 and any(plan.has(number) for plan in self._home)

    def _plans(self, code: int) -> tuple[Plan, ...]:
        if code not in self._abroad:
            plans = (_plan(region) for region in COUNTRY_CODE_TO_REGION_CODE[code])
            self._abroad[code] = tuple(plan for plan in plans if plan)
        return self._abroad[code]


def _digits(text: str) -> str:
    has_letters = text.lower() != text.upper() or "#" in text
    return digits(EXTENSION.sub("", text) if has_letters else text)


def _merged(plans: Iterable[Plan]) -> tuple[Plan, ...]:
    """One plan for all regions that dial alike: most dial a zero first, or nothing."""
    alike: dict[tuple[str, str | None], list[str]] = {}
    for each in plans:
        dialled = (each.prefix.pattern if each.prefix else "", each.transform)
        alike.setdefault(dialled, []).append(each.number.pattern)
    return tuple(
        Plan(re.compile(prefix) if prefix else None, transform, re.compile("|".join(numbers)))
        for (prefix, transform), numbers in alike.items()
    )


def _known(region: str) -> Plan:
    plan = _plan(region)
    if plan is None:
        raise ConfigError(
            f"{region!r} is no region of telephone numbers. Use ISO 3166 codes: Britain is GB, not UK.",
            param="privacy.phone_regions",
        )
    return plan


def _plan(region: str) -> Plan | None:
    metadata = PhoneMetadata.metadata_for_region(region.upper())
    if metadata is None:
        return None
    sorts = (getattr(metadata, sort) for sort in SORTS)
    patterns = [each.national_number_pattern for each in sorts if each is not None and each.national_number_pattern]
    prefix = metadata.national_prefix_for_parsing
    return Plan(
        prefix=re.compile(prefix) if prefix else None,
        transform=metadata.national_prefix_transform_rule,
        number=re.compile("|".join(patterns)),
    )
