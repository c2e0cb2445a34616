import pytest

from appliance.privacy.generalised import generalised


@pytest.mark.parametrize(
    ("kind", "value", "less"),
    [
        ("IP_ADDRESS", "203.0.113.77", "203.0.113.0/24"),
        ("IP_ADDRESS", "203.0.113.77/26", "203.0.113.0/24"),
        ("IP_ADDRESS", "2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48"),
        ("IP_ADDRESS", "fe80::1%eth0", "fe80::/48"),
        ("DATE_OF_BIRTH", "12 March 1984", "1984"),
        ("DATE_OF_BIRTH", "1984-03-12", "1984"),
        ("ADDRESS", "Lindenstr. 5, 10115 Berlin", "Berlin"),
        ("ADDRESS", "12 rue de la Paix, 75002 Paris, France", "Paris"),
        ("EMAIL_ADDRESS", "jane@example.net", "@example.net"),
        ("GPS", "52.520008, 13.404954", "52.5, 13.4"),
    ],
)
def test_less_is_left(kind, value, less):
    assert generalised(kind, value) == less


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("PERSON", "Jane Doe"),
        ("IP_ADDRESS", "10.0.0.0/8"),
        ("DATE_OF_BIRTH", "12 March"),
        ("ADDRESS", "5 High Street"),
        ("EMAIL_ADDRESS", "jane"),
        ("GPS", "52.520008"),
    ],
)
def test_what_cannot_be_told_is_nothing(kind, value):
    assert generalised(kind, value) is None
