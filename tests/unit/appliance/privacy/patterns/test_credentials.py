import pytest

from appliance.privacy.patterns import credentials
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(credentials.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        '1.2.3.4 : PSK "[[PASSWORD|GammelDansk#1]]"',
        'ConvertTo-SecureString "[[PASSWORD|hglaz217!]]" -AsPlainText',
        'createUser noc SHA "[[PASSWORD|kestrel-71]]" AES "[[PASSWORD|heron-22x]]"',
        "bindpw: [[PASSWORD|Zug52xG#59]]",
        "bob: pw for the test box?\nann: its [[PASSWORD|Tr33ig78e_7]]",
        "radtest u1 [[PASSWORD|x]] 10.1.1.1 0 [[PASSWORD|r4dgkh]]".replace("[[PASSWORD|x]]", "x"),
        "('u1', 'Cleartext-Password', ':=', '[[PASSWORD|Zug54#90]]');",
        '"WlanPassword": {"_value": "[[PASSWORD|sZMpnz26]]"}',
        "add password * [[PASSWORD|owen-acing-64]] [[PASSWORD|Tr33gk5yz]]",
        'login = cleartext "[[PASSWORD|Tr33vh_7]]"',
        'u1@isp\tpppoe\t"[[PASSWORD|C0re#kiUg]]"\t10.1.1.1',
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "radtest sends a request",
        "add password rules to the page",
        "send a letter to us",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()
