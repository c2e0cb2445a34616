import pytest

from appliance.privacy.patterns import wireless
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(wireless.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "SSID: [[SSID|FRITZ!Box 7590 XK]]",
        'ssid="[[SSID|Villa Verdi]]"',
        "wpa_passphrase=[[WIFI_KEY|enzian-2317]]",
        "WLAN-Schlüssel: [[WIFI_KEY|471108152342]]",
        "clé wifi : [[WIFI_KEY|pomme59!]]",
        "the wifi password on the sticker is [[WIFI_KEY|bluewhale2931]]",
        "das WLAN-Passwort lautet [[WIFI_KEY|Kuckucksuhr-77]], danke",
        "WIFI:T:WPA;S:[[SSID|Gaeste]];P:[[WIFI_KEY|willkommen24]];;",
        '<Name>Device.WiFi.SSID.1.SSID</Name>\n  <Value xsi:type="xsd:string">[[SSID|Villa Verdi]]</Value>',
        '<Name>X.Security.KeyPassphrase</Name>\n  <Value xsi:type="xsd:string">[[WIFI_KEY|zik9stao-5066]]</Value>',
        "ssid ctrl wifi_0/1 name [[SSID|Casa-Rossa]]",
        "Wireless LAN Profile Name........................ [[SSID|Cafe-Nord]]",
        'nmcli dev wifi connect "[[SSID|Cafe-Nord]]" password "[[WIFI_KEY|31415926535]]"',
        "wpa-psk ascii 0 [[WIFI_KEY|kettlekettle]]",
        "Nome rete: [[SSID|HomeNet-F65A]]. Poi",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "SSID broadcast disabled",
        "the wifi password is required",
        "wpa_passphrase=********",
        "psk: ${WIFI_PSK}",
        "ssid auth wpa wifi_0/1",
        "wifi is slow, password reset did not help",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        "The line (SSID: [[SSID|JaneHome-5G]]) is down since ticket 8811",
        "/caps-man configuration add ssid=[[SSID|Kavarna]] name=cfg1",
        "netwerknaam [[SSID|Ziggo-Huis]].",
        "config x\n    set passphrase [[WIFI_KEY|broodje-kaas-7]]\n",
    ],
)
def test_where_a_name_of_a_network_ends(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values
