"""The numbers of mobile networks: which strings of digits can be one."""

from collections.abc import Callable

from appliance.privacy.proofs.checks import digits, is_luhn

REPORTING_BODIES = frozenset(("01", "35", "86", "91", "98", "99"))
"""First digits of an IMEI, by GSMA TS.06; the older ones are found by their label."""

_COUNTRIES = (
    "202 204 206 208 212-214 216 218-222 225-226 228 230-232 234-235 238 240 242 244 246-248 250 255 257 259-260 262 "
    "266 268 270 272 274 276 278 280 282-284 286 288-290 292-295 297 302 308 310-316 330 332 334 338 340 342 344 346 "
    "348 350 352 354 356 358 360 362-366 368 370 372 374 376 400-402 404-406 410 412-422 424-432 434 436-438 440-441 "
    "450 452 454-457 460-461 466-467 470 472 502 505 510 514-515 520 525 528 530 536-537 539-555 602-659 702 704 706 "
    "708 710 712 714 716 722 724 730 732 734 736 738 740 742 744 746 748 750 901"
)


def _expand(ranges: str) -> frozenset[str]:
    pairs = [(each.partition("-")[0], each.rpartition("-")[2]) for each in ranges.split()]
    return frozenset(str(code) for first, last in pairs for code in range(int(first), int(last) + 1))


MOBILE_COUNTRY_CODES = _expand(_COUNTRIES)
"""ITU-T E.212."""


def is_imei(text: str) -> bool | None:
    """A bare number: one in a hundred random ones passes, so its form stays in doubt."""
    number = digits(text)
    return None if len(number) == 15 and number[:2] in REPORTING_BODIES and is_luhn(number) else False


def is_named_imei(text: str) -> bool | None:
    """One that is called an IMEI, IMEISV or MEID: also without its check digit, or with a wrong one."""
    number = digits(text)
    if not 14 <= len(number) <= 16 or len(set(number)) < 3:
        return False
    return True if len(number) == 15 and is_luhn(number) else None


def is_imsi(text: str) -> bool | None:
    number = digits(text)
    return None if 14 <= len(number) <= 15 and number[:3] in MOBILE_COUNTRY_CODES else False


def is_iccid(text: str) -> bool | None:
    number = digits(text)
    return len(number) in (19, 20) and is_luhn(number)


def is_eid(text: str) -> bool | None:
    """SGP.29: 32 digits, modulo 97 is 1."""
    number = digits(text)
    return len(number) == 32 and int(number) % 97 == 1


def has_digits(least: int, most: int) -> Callable[[str], bool | None]:
    def check(text: str) -> bool | None:
        return None if least <= len(digits(text)) <= most else False

    return check
