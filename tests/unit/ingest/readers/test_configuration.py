from tests.unit.ingest.readers.reading import read

CISCO = """hostname edge-1
!
interface GigabitEthernet0/0
 description uplink
 ip address 192.0.2.1 255.255.255.0
!
interface GigabitEthernet0/1
 shutdown
router bgp 65000
 neighbor 192.0.2.2 remote-as 65001
!
ip route 0.0.0.0 0.0.0.0 192.0.2.2
ntp server 192.0.2.9
"""
JUNIPER = """system {
    host-name core-1;
}
interfaces {
    ge-0/0/0 {
        unit 0;
    }
    ge-0/0/1 {
        disable;
    }
}
"""
SET = """set system host-name core-2
set interfaces ge-0/0/0 unit 0 family inet
set interfaces ge-0/0/0 description a
set interfaces ge-0/0/1 disable
"""
MIKROTIK = """# 2031-01-01 by RouterOS 7
/interface bridge
add name=lan
/ip address
add address=192.0.2.1/24 interface=lan
/system identity
set name=home-1
"""
SHOWN = """edge-1#show interfaces
GigabitEthernet0/0 is up, line protocol is up
  MTU 1500 bytes
GigabitEthernet0/1 is down
  MTU 9000 bytes
edge-1#show version
Ring OS 7.1
"""


def code(text: str, name: str = "a.cfg") -> list[tuple[str, int]]:
    return [(each.text, each.spot.row) for each in read(name, text).blocks if each.kind == "code"]


def test_cisco_is_cut_at_sections():
    assert read("r.cfg", CISCO).title == "edge-1"
    assert code(CISCO) == [
        ("hostname edge-1", 1),
        ("interface GigabitEthernet0/0\n description uplink\n ip address 192.0.2.1 255.255.255.0", 3),
        ("interface GigabitEthernet0/1\n shutdown", 7),
        ("router bgp 65000\n neighbor 192.0.2.2 remote-as 65001", 9),
        ("ip route 0.0.0.0 0.0.0.0 192.0.2.2\nntp server 192.0.2.9", 12),
    ]


def test_juniper_is_cut_at_interfaces_each_under_its_stanza():
    assert read("r.conf", JUNIPER).title == "core-1"
    assert [text for text, _ in code(JUNIPER)] == [
        "system {\n    host-name core-1;",
        "interfaces {\n    ge-0/0/0 {\n        unit 0;\n    }",
        "interfaces {\n    ge-0/0/1 {\n        disable;\n    }",
    ]


def test_statements_of_one_interface_stay_together():
    assert [text for text, _ in code(SET)] == [
        "set system host-name core-2",
        "set interfaces ge-0/0/0 unit 0 family inet\nset interfaces ge-0/0/0 description a",
        "set interfaces ge-0/0/1 disable",
    ]


def test_mikrotik_is_cut_at_menus():
    assert read("r.rsc", MIKROTIK).title == "home-1"
    assert [text.split("\n")[0] for text, _ in code(MIKROTIK)][1:] == [
        "/interface bridge",
        "/ip address",
        "/system identity",
    ]


def test_what_commands_print_is_cut_at_commands_and_interfaces():
    content = read("session.txt", SHOWN)
    assert content.title == "edge-1"
    assert [(each.kind, each.text.split("\n")[0], each.spot.row) for each in content.blocks] == [
        ("heading", "show interfaces", 1),
        ("code", "GigabitEthernet0/0 is up, line protocol is up", 2),
        ("code", "GigabitEthernet0/1 is down", 4),
        ("heading", "show version", 6),
        ("code", "Ring OS 7.1", 7),
    ]


def test_every_line_is_in_one_block():
    for text in (CISCO, SET, MIKROTIK):
        lines = [line for line in text.split("\n") if line.strip() not in ("", "!")]
        assert [line for block, _ in code(text) for line in block.split("\n")] == lines
