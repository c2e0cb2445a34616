import pytest

from appliance.privacy.patterns import communities
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(communities.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "snmp-server community [[SNMP_COMMUNITY|n0rd]] RO",
        "snmpwalk -v2c -c [[SNMP_COMMUNITY|hemlig]] host",
        "unauthorized SNMP community from 10.1.1.1 to unknown community name ([[SNMP_COMMUNITY|n0c-vt44]])",
        "<rocommunity>[[SNMP_COMMUNITY|qmd9zvRO22]]</rocommunity>",
        '{"community": "[[SNMP_COMMUNITY|6yfngz]]"}',
        "The RO community on all switches is [[SNMP_COMMUNITY|n0c-3ps4]], thanks",
        "check_snmp -H 10.1.1.1 -C [[SNMP_COMMUNITY|hemlig]] -o sysUpTime.0",
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
        "set community 65000:100 additive",
        "our community is growing",
        "snmp_community: {{ community }}",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        "snmp-server host inside 10.2.9.1 community [[SNMP_COMMUNITY|gvaSnmp]] version 2c",
        "The SNMP community string is [[SNMP_COMMUNITY|corkpoll]].",
        "/snmp community add name=[[SNMP_COMMUNITY|brnoView]] addresses=10.1.0.0/16",
        'config system snmp community\n    edit 1\n        set name "[[SNMP_COMMUNITY|fgtPoll9]]"',
        "version v2c snmp-community-string [[SNMP_COMMUNITY|paRead1]]",
    ],
)
def test_communities_of_hosts_and_entries(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values
