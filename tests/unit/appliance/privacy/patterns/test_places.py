import pytest

from appliance.privacy.patterns.places import PATTERNS
from tests.unit.appliance.privacy.finds import Finder, unmarked

FINDER = Finder(PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "He lives at [[ADDRESS|221B Baker Street, London NW1 6XE]].",
        "[[ADDRESS|1234 Elm St. Apt 4B]], [[LOCATION|Springfield, IL 62704-1234]]",
        "ship to [[ADDRESS|12 high street]]; [[ADDRESS|PO Box 1234]]",
        "Install at [[ADDRESS|77 King's Road]], Ottawa ON [[CA_POSTAL_CODE|K1A 0B1]]",
        "[[ADDRESS|Hauptstraße 12a]], [[LOCATION|10115 Berlin]]",
        "[[ADDRESS|Berliner Str. 44]]\n[[LOCATION|50667 Köln]]",
        "[[ADDRESS|Am Markt 3]], [[LOCATION|99084 Erfurt]]",
        "[[ADDRESS|12 bis, rue de la République, 75001 Paris]]",
        "[[ADDRESS|Calle Mayor 15]], [[LOCATION|28013 Madrid]]; [[ADDRESS|C/ Gran Vía 3, 2ºB]]",
        "[[ADDRESS|Via Giuseppe Garibaldi 12]], [[LOCATION|00153 Roma]]",
        "adres: [[ADDRESS|Keizersgracht 123-2, 1015 CJ Amsterdam]]",
        "[[ADDRESS|Rua Augusta 123]], [[LOCATION|1100-053 Lisboa]]",
        "[[ADDRESS|ul. Marszałkowska 10/12 m. 5]], [[LOCATION|00-590 Warszawa]]",
        "[[ADDRESS|Storgatan 5]], [[LOCATION|114 55 Stockholm]]",
        '{"street":"[[ADDRESS|4 Privet Drive]]","zip":"[[LOCATION|90210]]"}',
    ],
)
def test_addresses(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "mast at [[GPS|51.507400, -0.127800]]",
        '{"lat": [[GPS|51.5]], "lon": [[GPS|-0.1278]]}',
        "[[GPS|40°26'46\"N 79°58'56\"W]] and [[GPS|51.5074° N, 0.1278° W]]",
        "GPS: [[GPS|48.8584, 2.2945]]",
    ],
)
def test_positions(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "born [[DATE_OF_BIRTH|12/05/1984]]; DOB: [[DATE_OF_BIRTH|1984-05-12]]",
        "geboren am [[DATE_OF_BIRTH|12. Mai 1984]], Köln",
        "née le [[DATE_OF_BIRTH|3 mars 1990]]; nacida el [[DATE_OF_BIRTH|3 de marzo de 1990]]",
        '"date_of_birth": "[[DATE_OF_BIRTH|19840512]]"',
        "dateOfBirth,name\n[[DATE_OF_BIRTH|05.12.84]],Jane",
        "birthday [[DATE_OF_BIRTH|May 12, 1984]]",
        "data urodzenia: [[DATE_OF_BIRTH|12.05.1984]]",
    ],
)
def test_births(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Meeting on 12/05/2024; released May 12, 2023; 2024-05-12 14:33:01 eth0 up",
        "born 45/13/1984, version 1.2.3; dob 2.3.4",
        "loss 0.1234, 0.5678; loadavg 1.25, 0.75, 0.50; SNR 25.5, 30.2",
        "via Ethernet 10; Token Ring 5; Chapter 3 Summary; Room 101; 1024 Entries max; 65535 Ports",
        "10 permit ip any host 10.0.0.1; snmp-server location DC2 rack 14; VLAN 812; AS64512",
        "EKS node C4, S3 bucket, WS-C3850-24T, C9300, IEEE 802.11ax, H.264, RFC 2865",
        "max 4294967295 kernel 5.15.0-91-generic; 99.99999, 100.00000 percent",
        "The server restarts in 30 Minutes; 2024 Annual Report",
    ],
)
def test_what_is_no_place(text):
    assert FINDER.find(text) == set()


def test_a_birth_that_the_line_before_asks_for():
    assert FINDER.find("and your date of birth please\nCustomer: 7/9/62") == {("DATE_OF_BIRTH", "7/9/62")}
