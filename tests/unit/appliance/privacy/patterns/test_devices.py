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
        "Seriennummer des Routers: [[SERIAL_NUMBER|W203-118-40771]]",
        "SSID: [[SSID|FRITZ!Box 7590 XK]]",
        'ssid="[[SSID|Villa Verdi]]"',
        "wpa_passphrase=[[WIFI_KEY|enzian-2317]]",
        "WLAN-Schlüssel: [[WIFI_KEY|471108152342]]",
        "clé wifi : [[WIFI_KEY|pomme59!]]",
        "the wifi password on the sticker is [[WIFI_KEY|bluewhale2931]]",
        "das WLAN-Passwort lautet [[WIFI_KEY|Kuckucksuhr-77]], danke",
        "WIFI:T:WPA;S:[[SSID|Gaeste]];P:[[WIFI_KEY|willkommen24]];;",
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
        "SSID broadcast disabled",
        "the wifi password is required",
        "wpa_passphrase=********",
        "psk: ${WIFI_PSK}",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()
