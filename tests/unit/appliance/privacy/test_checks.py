import pytest

from appliance.privacy import checks
from appliance.privacy.checks import proof, sieve


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.is_card, "4111 1111 1111 1111", "4111 1111 1111 1112"),
        (checks.is_card, "2223000048400011", "490154203237518"),
        (checks.is_card, "6304000000000000", "0000000000000000"),
        (checks.is_iban, "de89 3704 0044 0532 0130 00", "de98 3704 0044 0532 0130 00"),
        (checks.is_bitcoin, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1BoatSLRHtKNngkdXEeobR76b53LETtpyU"),
        (
            checks.is_bitcoin,
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcx",
        ),
        (checks.is_nino, "AB123456C", "GB123456C"),
        (checks.is_nric, "S1234567D", "S1234567E"),
        (checks.is_nric, "G1234567X", "G1234567N"),
        (checks.is_medicare, "2123 45670 1", "2123 45671 1"),
        (checks.is_belgian, "85.07.30-033.28", "85.07.30-033.29"),
        (checks.IS_IMEI, "490154203237518", "490154203237519"),
        (checks.IS_LUHN, "8931440400000000008", "8931440400000000005"),
    ],
)
def test_one_digit_tells(check, good, bad):
    assert check(good) is True
    assert check(bad) is False


def test_an_ethereum_address_proves_itself_by_its_capitals():
    assert checks.is_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") is True
    assert checks.is_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD") is False
    assert checks.is_ethereum("0x" + "ab" * 20) is None


def test_a_proof_settles_and_a_sieve_only_refuses():
    assert proof(checks.IS_LUHN)("79927398713") is True
    assert sieve(checks.IS_LUHN)("79927398713") is None
    assert sieve(checks.IS_LUHN)("79927398714") is False
