import pytest

from appliance.privacy.patterns import logs
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(logs.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "from client [[HOSTNAME|bng1]] port 7 cli",
        "Nov 21 11:02:10  [[HOSTNAME|mx480-fra3]] sshd[44121]: Accepted",
        "Nov 21 2026 11:03:00 [[HOSTNAME|R2-EDGE]] %%01SHELL/5/CMDRECORD",
        "dnsmasq-dhcp[911]: DHCPACK(br-lan) 10.1.1.7 3c:7a:8a:98:e4:30 [[HOSTNAME|Johns-iPhone]]",
        "proto=ESMTP helo=<[[HOSTNAME|LAPTOP-WMDY8VAB]]>",
        "Nmap scan report for [[HOSTNAME|cpe-12.pool.isp.example]] (198.51.100.7)",
        "AP Name.......................................... [[HOSTNAME|lobby-ap3]]",
        "ifPhysAddress.1 = STRING: [[MAC_ADDRESS|0:1b:54:5e:4:78]]",
        "noc@[[HOSTNAME|core-7]]> show version",
        "[netops@[[HOSTNAME|tower4]]] > /ip address print",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "from client side to port 7",
        "at 1:02:03:04:05:06 it rang",
        "Host: up",
        "gpon-olt_1/2/1 is up",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()
