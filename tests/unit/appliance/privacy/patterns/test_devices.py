import pytest

from appliance.privacy.patterns import devices
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(devices.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "ONT [[SERIAL_NUMBER|HWTC9F21A0C4]] / [[SERIAL_NUMBER|485754439F21A0C4]]",
        "S/N: [[SERIAL_NUMBER|GNX-4471-002]]",
        "PID: X , SN: [[SERIAL_NUMBER|FXS2143Q0WZ]]",
        "ESN of slot 0: [[SERIAL_NUMBER|2102351BX9W0912345]]",
        "Serienummer modem [[SERIAL_NUMBER|W940.898.47.949]]",
        "<SerialNumber>[[SERIAL_NUMBER|48575443A1B2C3D4]]</SerialNumber>",
        '<Name>X.SerialNumber</Name>\n <Value type="string">[[SERIAL_NUMBER|J7731-220]]</Value>',
        "Seriennummer des Routers: [[SERIAL_NUMBER|W203-118-40771]]",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "The serial number is on the label",
        "serial 2025030401",
        "interface Serial0/1/0",
        "SGSN: 491771234567",
        "Vertragsnr.: 2207731",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        "What is the serial on the box?\nCustomer: it is [[SERIAL_NUMBER|YH8669TFOVKV]]",
        "sn on the sticker is [[SERIAL_NUMBER|NF88466K5553]]",
        '"_id": "[[SERIAL_NUMBER|202BC1-BM632w-773964]]"',
        "# software id = [[SERIAL_NUMBER|QK3P-7ZNB]]",
    ],
)
def test_serials_that_other_words_name(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values
