import pytest

from appliance.privacy.patterns import logins
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(logins.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        'User-Name = "[[USERNAME|u448120@dsl]]"',
        "ppp chap hostname [[USERNAME|fam.andersen]]",
        "username [[USERNAME|frida]] privilege 15",
        "Failed password for invalid user [[USERNAME|svendsen]] from",
        "Benutzername: [[USERNAME|hofmann]]",
        "mon identifiant est [[USERNAME|martin.77]]",
        "snmp-server community [[SNMP_COMMUNITY|n0rd]] RO",
        "snmpwalk -v2c -c [[SNMP_COMMUNITY|hemlig]] host",
        "rocommunity [[SNMP_COMMUNITY|kun-lese]]",
        "snmp_community: [[SNMP_COMMUNITY|vinterhav]]",
        "snmp-server host 10.1.1.1 version 2c [[SNMP_COMMUNITY|tr4ps]]",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "username admin privilege 15",
        "the user name is required",
        "set community 65000:100 additive",
        "login failed",
        "user: hello, my line is slow",
        "our community is growing",
        "snmp_community: {{ community }}",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()
