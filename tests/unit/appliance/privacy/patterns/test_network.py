import pytest

from appliance.privacy.patterns import network
from tests.unit.appliance.privacy.finds import Finder, unmarked


@pytest.fixture(scope="module")
def finder():
    return Finder(network.PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "ping [[IP_ADDRESS|81.2.69.142]].",
        "[[IP_ADDRESS|10.1.0.0/16]] via [[IP_ADDRESS|10.0.0.1]]",
        "http://[[IP_ADDRESS|10.1.2.3]]:8080/x",
        "[[IP_ADDRESS|10.1.2.3]],[[IP_ADDRESS|10.1.2.4]];[[IP_ADDRESS|10.1.2.5]]",
        "src:[[IP_ADDRESS|2001:db8::1]] ok",
        "[[IP_ADDRESS|fe80::1%eth0]]: icmp",
        "[[MAC_ADDRESS|00:1a:2b:3c:4d:5e]] [[MAC_ADDRESS|001a.2b3c.4d5e]]",
        "[[MAC_ADDRESS|001a-2b3c-4d5e]] [[MAC_ADDRESS|001a2b-3c4d5e]]",
        "mac [[MAC_ADDRESS|001A2B3C4D5E]]",
        "hostname [[HOSTNAME|bng-cph-03]]",
        "from [[HOSTNAME|cust-1234.pool.isp.example]]",
        "[[HOSTNAME|81-2-69-142.dsl.isp.example]]",
        "[[HOSTNAME|r1-lyon]]#show version",
        "[[CUSTOMER_PORT|gpon-onu_1/2/3:4]]",
        "vlan [[CUSTOMER_PORT|812]] name [[CUSTOMER_PORT|cust-doe]]",
        "interface [[CUSTOMER_PORT|Gi0/1]]\n description [[CUSTOMER_PORT|CUST Jane Doe]]",
    ],
)
def test_what_is_marked_is_found(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "firmware version 10.1.2.3",
        "upgraded from release 10.1.2.3 to 10.1.2.4",
        "walk 1.3.6.1.2.1.2.2",
        "mask 255.255.255.0",
        "0.0.0.0/0",
        "12:34:56",
        "std::vector<ab::cd>",
        "16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        "550e8400-e29b-41d4-a716-446655440000",
        "interface Gi0/1\n description uplink to core",
        "vlan 812 name voice",
        "9fceb02d0ae598e95dc970b74767f19372d61af8",
    ],
)
def test_what_looks_alike_is_left_alone(finder, text):
    assert finder.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        'configure system name "[[HOSTNAME|sar8-liege]]"',
        "FGT-x # foo\n[[HOSTNAME|FGT-Almere-01]] # get system status",
        "DB_HOST=[[HOSTNAME|pg-main.internal.example]]",
        "jdbc:mysql://[[HOSTNAME|db2.crm.example]]:3306/crm",
        "Customer port: [[CUSTOMER_PORT|GigabitEthernet0/73/88.1767]]",
    ],
)
def test_hosts_and_ports_by_other_names(finder, marked):
    text, values = unmarked(marked)
    assert finder.find(text) == values
