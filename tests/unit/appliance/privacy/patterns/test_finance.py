import pytest

from appliance.privacy.patterns.finance import IBAN_LENGTHS, PATTERNS
from tests.unit.appliance.privacy.finds import Finder, unmarked

FINDER = Finder(PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "card [[CREDIT_CARD|4111 1111 1111 1111]] 12/25 cvv 123",
        "[[CREDIT_CARD|4111-1111-1111-1111]];[[CREDIT_CARD|5500005555555559]],[[CREDIT_CARD|378282246310005]]",
        "Karte [[CREDIT_CARD|3782 822463 10005]] gesperrt",
        '{"pan": 6011000990139424}'.replace("6011000990139424", "[[CREDIT_CARD|6011000990139424]]"),
        "[[CREDIT_CARD|4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1]]",
        "[[IBAN_CODE|DE89 3704 0044 0532 0130 00]] COBA",
        "[[IBAN_CODE|ES91 2100 0418 4502 0005 1332]] BANK OF SPAIN",
        "iban=[[IBAN_CODE|gb82west12345698765432]]",
        "[[IBAN_CODE|NO93 8601 1117 947]], [[IBAN_CODE|MT84MALT011000012345MTLCAST001S]]",
        "Beneficiary,[[IBAN_CODE|FR14 2004 1010 0505 0001 3M02 606]],EUR",
        "routing [[US_BANK_NUMBER|021000021]] account [[US_BANK_NUMBER|123456789012]]",
        "sort code [[BANK_ACCOUNT|12-34-56 account 12345678]]",
        "Kontonummer: [[BANK_ACCOUNT|1234567890]], BLZ [[BANK_ACCOUNT|370 400 44]]",
        "BIC: [[BANK_ACCOUNT|COBADEFFXXX]]",
        "n° de cuenta bancaria: [[BANK_ACCOUNT|2100 0418 45 0200051332]]",
        "send to [[CRYPTO|1BoatSLRHtKNngkdXEeobR76b53LETtpyT]]",
        "[[CRYPTO|bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq]]",
        "ETH [[CRYPTO|0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed]]",
    ],
)
def test_money(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "IMEI 490154203237518, imei: 356938035643809",
        "card 4111 1111 1111 1112 was mistyped; 0000 0000 0000 0000",
        "DE89 3704 0044 0532 0130 01",
        "commit 1d5badadabac0b58920x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyU 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "packets 123456789012; at 12-34-56; version 370.400.44; serial 20230001234567",
    ],
)
def test_what_is_no_money(text):
    assert FINDER.find(text) == set()


def test_no_country_has_two_lengths():
    countries = " ".join(IBAN_LENGTHS.values()).split()
    assert len(countries) == len(set(countries)) > 80
