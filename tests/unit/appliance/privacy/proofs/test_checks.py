import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn, verhoeff
from stdnum.fr import nir
from stdnum.in_ import aadhaar
from stdnum.iso7064 import mod_97_10

from appliance.privacy.proofs import checks
from appliance.privacy.proofs.checks import proof, sieve


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
        (checks.is_luhn, "8931440400000000008", "8931440400000000005"),
    ],
)
def test_one_digit_tells(check, good, bad):
    assert check(good) is True
    assert check(bad) is False


@given(st.text("0123456789", min_size=1, max_size=24))
def test_what_is_computed_here_agrees_with_stdnum(number):
    assert checks.is_luhn(number) == luhn.is_valid(number)
    assert checks.is_luhn("") is checks.is_luhn("7992 7398713") is False


@given(st.from_regex(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,29}", fullmatch=True))
def test_so_do_ibans(number):
    assert checks.is_iban(number) == mod_97_10.is_valid(number[4:] + number[:4])


@given(st.from_regex(r"[1-478][0-9]{2}0[1-9]([0-9]{2}|2[AB])[0-9]{8}", fullmatch=True))
def test_so_do_french_numbers(number):
    right = number[:13] + nir.calc_check_digits(number)
    assert checks.is_nir(right)
    assert checks.is_nir(number) == nir.is_valid(number)
    assert checks.is_nir(f"{number[:5]} {number[5:]}") == nir.is_valid(number)


@given(st.from_regex(r"[2-9][0-9]{10}", fullmatch=True))
def test_so_do_indian_numbers(number):
    right = number + verhoeff.calc_check_digit(number)
    assert checks.is_aadhaar(right) == aadhaar.is_valid(right)
    assert checks.is_aadhaar(f"{number[:4]} {number[4:8]} {number[8:]}0") == aadhaar.is_valid(f"{number}0")


def test_an_ethereum_address_proves_itself_by_its_capitals():
    assert checks.is_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") is True
    assert checks.is_ethereum("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD") is False
    assert checks.is_ethereum("0x" + "ab" * 20) is None


def test_a_proof_settles_and_a_sieve_only_refuses():
    assert proof(checks.is_luhn)("79927398713") is True
    assert sieve(checks.is_luhn)("79927398713") is None
    assert sieve(checks.is_luhn)("79927398714") is False
