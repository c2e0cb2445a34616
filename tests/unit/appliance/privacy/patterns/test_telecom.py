import pytest

from appliance.privacy.patterns import telecom
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(telecom.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "IMEI: [[IMEI|353918057281921]]",
        "imei=[[IMEI|35391805728192]]",
        "the phone 353918057281920 or [[IMEI|353918057281921]]",
        "IMEI/SV: [[IMEI|35-391805-728192-07]]",
        "supi imsi-[[IMSI|262019876543210]]",
        "IMSI [[IMSI|262019876543210]]",
        "subscriber [[IMSI|262019876543210]]",
        "[[IMSI|262019876543210@nai.epc.mnc001.mcc262.3gppnetwork.org]]",
        "ICCID [[ICCID|8931 4404 0000 0000 000]]",
        "card [[ICCID|8931440400000000008]]",
        "MSISDN: [[MSISDN|+49 1511 2345678]]",
        "calling-station-id=[[MSISDN|4915112345678]]",
        "PUK1: [[PASSWORD|90124487]]",
        "Ki = [[PASSWORD|465B5CE8B199B49FAA5F0A2EE238A6BC]]",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "order 353918057281922",
        "How do I find the IMEI?",
        "262019876543210",
        "8931440400000000009",
        "Pin 4 of the plug",
        "pins: 8",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()
