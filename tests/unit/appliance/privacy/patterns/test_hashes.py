import pytest

from appliance.privacy.patterns import hashes
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(hashes.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "[[PASSWORD_HASH|$5$F9R9bdWq$pSDrbikAHaeJpfcBbzhM2ysBkuIHggUYybsJClfERfm]]",
        "auth md5 [[PASSWORD_HASH|0x1076ed569e361a0e]] priv [[PASSWORD_HASH|0x5d9b87bda7d217e8d5c53eab353450fb]]",
        "NT-Password := [[PASSWORD_HASH|5D9B87BDA7D217E8D5C53EAB353450FB]]",
        "shared-key cipher [[PASSWORD_HASH|%^%#Qw3rTy6uIo9pAs2dFg5hJk8lZx1cVb4n%^%#]]",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "md5: d41d8cd98f00b204e9800998ecf8427e",
        "password $1 and $2",
        "index 3b18e51..7d8f6a2 100644",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        "MS-CHAP2-Response = [[PASSWORD_HASH|0x0000d49382cd53fbd0e956cc3a2f7eb9]]",
        'uri="sip:x", response="[[PASSWORD_HASH|ed42581590da5455b882e551f7eefdee]]"',
        "svc:1004:[[PASSWORD_HASH|aad3b435b51404eeaad3b435b51404ee:f60dd44e8463fbd1053b90af51c9cce5]]:::",
    ],
)
def test_hashes_of_protocols(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values
