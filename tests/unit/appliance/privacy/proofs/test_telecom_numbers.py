import pytest

from appliance.privacy.proofs import telecom_numbers as numbers


@pytest.mark.parametrize("text", ["353918057281921", "35-391805-728192-1", "86 732204 112233 4"])
def test_an_imei_may_be_one_by_its_digits(text):
    assert numbers.is_imei(text) is None


@pytest.mark.parametrize("text", ["353918057281922", "123918057281920", "35391805728192", "3539180572819240"])
def test_an_imei_needs_its_check_digit_and_a_body_that_gives_it_out(text):
    assert numbers.is_imei(text) is False


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("353918057281921", True), ("353918057281922", None), ("3539180572819200", None), ("000000000000000", False)],
)
def test_what_is_called_an_imei_is_believed_unless_it_is_empty(text, verdict):
    assert numbers.is_named_imei(text) is verdict


@pytest.mark.parametrize(("text", "verdict"), [("262019876543210", None), ("999019876543210", False), ("26201", False)])
def test_an_imsi_begins_with_a_country(text, verdict):
    assert numbers.is_imsi(text) is verdict


@pytest.mark.parametrize(("text", "verdict"), [("8931440400000000008", True), ("8931440400000000009", False)])
def test_an_iccid_ends_with_its_check_digit(text, verdict):
    assert numbers.is_iccid(text) is verdict


def test_an_eid_leaves_one():
    number = 89 * 10**30 + 33023311330000000012345678900
    whole = number + (1 - number) % 97
    assert numbers.is_eid(str(whole)) is True
    assert numbers.is_eid(str(whole + 1)) is False


def test_so_many_digits():
    check = numbers.has_digits(7, 15)
    assert check("+31 6 12345678") is None
    assert check("12345") is False
