import pytest

from appliance.privacy.proofs import serials


@pytest.mark.parametrize("text", ["FOC2017U0KN", "GNX-4471-002", "S190Y22023677", "J417.882.01.553.190"])
def test_serial_numbers(text):
    assert serials.is_serial(text) is None


@pytest.mark.parametrize("text", ["2025030401", "required", "0/1/2", "2025-03-04", "10.1.2.3", "7c21.0e44.9a80", "V2"])
def test_zone_serials_dates_ports_and_addresses_are_none(text):
    assert serials.is_serial(text) is False


@pytest.mark.parametrize(
    ("text", "verdict"), [("485754439F21A0C4", None), ("0x5A54454700000001", None), ("5B5B5B5B9F21A0C4", False)]
)
def test_the_vendor_in_hexadecimal_has_capital_letters(text, verdict):
    assert serials.is_hex_serial(text) is verdict


@pytest.mark.parametrize(("text", "verdict"), [("FXS2143Q0WZ", None), ("FXS2177Q0WZ", False), ("210235A1B2C3", None)])
def test_a_chassis_was_made_in_a_week_of_a_year(text, verdict):
    assert serials.is_chassis_serial(text) is verdict
