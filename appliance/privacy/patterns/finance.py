"""Money: cards, accounts, wallets."""

from appliance.privacy.proofs.checks import (
    IS_ES_ACCOUNT,
    IS_US_ROUTING,
    is_bitcoin,
    is_card,
    is_ethereum,
    is_iban,
    proof,
    sieve,
)
from appliance.privacy.scanning.pattern import Check, Pattern

# The length of an IBAN by country, as its registry has it.
IBAN_LENGTHS = {
    15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
}  # fmt: skip

BANK_WORDS = (
    "bank banking account acct checking savings routing aba sort sortcode deposit debit direct payee beneficiary ach"
    " konto kontonummer kontonr bankverbindung blz bankleitzahl bankkonto lastschrift compte rib cuenta ccc conto"
    " bankrekening rekening rekeningnummer conta agência agencia kontakt rachunek rachunku bankgiro plusgiro"
    " kontonummeret"
)


def iban_of(length: int, countries: str) -> str:
    """Grouped by four, as it is printed; the last group is what is left."""
    full, rest = divmod(length - 4, 4)
    last = rf"[ -][A-Z0-9]{{{rest}}}" if rest else ""
    groups = "[ -][A-Z0-9]{4}" * full  # compiles three times faster than a repetition
    return rf"(?:{countries.replace(' ', '|')})\d\d{groups}{last}"


def card(name: str, regex: str) -> Pattern:
    return Pattern(type="CREDIT_CARD", name=f"card_{name}", regex=regex, score=0.3, check=proof(is_card))


def account(name: str, regex: str, check: Check | None = None, kind: str = "BANK_ACCOUNT") -> Pattern:
    return Pattern(
        type=kind,
        name=name,
        regex=regex,
        score=0.2,
        context=tuple(BANK_WORDS.split()),
        lifted=0.8,
        check=check,
        words_first=True,
    )


# One pattern for each way of grouping: a longest match over free grouping would swallow the expiry date behind a card.
PATTERNS: tuple[Pattern, ...] = (
    card("digits", r"\b[2-6]\d{11,18}\b"),
    card("by_four", r"\b[2-6]\d{3}(?:[ .-]\d{4}){3}\b"),
    card("by_four_to_19", r"\b[56]\d{3}(?:[ -]\d{4}){3}[ -]\d{3}\b"),
    card("american_express", r"\b3\d{3}[ .-]\d{6}[ .-]\d{4,5}\b"),
    card("digit_by_digit", r"\b[2-6](?:[ -]\d){12,18}\b"),
    Pattern(
        type="IBAN_CODE",
        name="iban",
        regex=r"\b[A-Z]{2}\d\d[A-Z0-9]{11,29}\b",
        hint=r"\b[A-Z]{2}\d\d[A-Z0-9]{11}",
        score=0.3,
        check=proof(is_iban),
        ignore_case=True,
    ),
    Pattern(
        type="IBAN_CODE",
        name="iban_by_four",
        regex=rf"\b(?:{'|'.join(iban_of(length, countries) for length, countries in IBAN_LENGTHS.items())})\b",
        hint=r"\b[A-Z]{2}\d\d[ -][A-Z0-9]{4}[ -]",
        score=0.3,
        check=proof(is_iban),
        ignore_case=True,
    ),
    account("routing_number", r"\b[0-36-8]\d{8}\b", sieve(IS_US_ROUTING), "US_BANK_NUMBER"),
    account("us_account", r"\b(?:Acct-[A-Za-z-]{3,24}[ =:]{1,4}\d{1,20}|(?P<v>\d{8,17}))\b", None, "US_BANK_NUMBER"),
    account("sort_code", r"\b\d\d-\d\d-\d\d\b"),
    Pattern(
        type="BANK_ACCOUNT",
        name="sort_code_and_account",
        regex=r"(?i)\bsort[ _-]?code[ :=#]{0,4}(?P<v>\d\d[ -]?\d\d[ -]?\d\d(?:[ ,;/]{1,3}(?:account|acct|a/c"
        r"|acc)?[ .:#]{0,3}"
        r"(?:number|no)?[ .:#]{0,3}\d{8})?)\b",
        score=0.95,
    ),
    Pattern(
        type="BANK_ACCOUNT",
        name="bank_account_labelled",
        regex=r"(?i)\b(?:bank[ _-]?(?:account|acct|a/c)|a/c|kontonummer|konto-?nr|bankkonto|rekeningnummer"
        r"|num[eé]ro de compte"
        r"|n[uú]mero de cuenta|cuenta bancaria|conto corrente|numero di conto|conta banc[aá]ria|conta corrente"
        r"|numer konta"
        r"|nr konta|bankgiro|plusgiro)[ _-]?(?:number|no|num|nr|n[º°])?[\"' .:=#]{0,5}(?P<v>\d[\d /-]{4,24}\d)\b",
        score=0.9,
    ),
    Pattern(
        type="BANK_ACCOUNT",
        name="bank_code_labelled",
        regex=r"(?i)\b(?:blz|bankleitzahl|bsb|ifsc|transit|institution|bic|swift)(?:[ -]?code)?[ .:=#]{1,4}"
        r"(?P<v>\d{3}[ -]?\d{3}(?:[ ]?\d\d)?|[A-Z]{4}0[A-Z0-9]{6}|[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b",
        score=0.85,
    ),
    Pattern(
        type="BANK_ACCOUNT",
        name="spanish_account",
        regex=r"\b\d{4}[ -]?\d{4}[ -]?\d\d[ -]?\d{10}\b",
        score=0.4,
        context=tuple(BANK_WORDS.split()),
        check=sieve(IS_ES_ACCOUNT),
    ),
    Pattern(
        type="CRYPTO",
        name="bitcoin",
        regex=r"\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\b",
        score=0.3,
        check=proof(is_bitcoin),
    ),
    Pattern(
        type="CRYPTO",
        name="bitcoin_bech32",
        regex=r"\b(?:bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71})\b",
        score=0.3,
        check=proof(is_bitcoin),
    ),
    Pattern(type="CRYPTO", name="ethereum", regex=r"\b0x[0-9a-fA-F]{40}\b", score=0.9, check=is_ethereum),
)
