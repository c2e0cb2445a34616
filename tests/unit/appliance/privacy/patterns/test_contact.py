# ruff: noqa: RUF001
import pytest

from appliance.errors import ConfigError
from appliance.privacy.patterns.contact import PATTERNS, phone_patterns
from tests.unit.appliance.privacy.finds import Finder, unmarked

FINDER = Finder(PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "Please write to [[EMAIL_ADDRESS|jane.doe+isp@mail.example.co.uk]].",
        '[[EMAIL_ADDRESS|"o brien"@example.org]] and <[[EMAIL_ADDRESS|anna.müller@bücher.de]]>',
        "[[EMAIL_ADDRESS|почта@пример.рф]]; [[EMAIL_ADDRESS|x_y@xn--bcher-kva.example]]",
        "PPPoE user [[EMAIL_ADDRESS|jdoe@isp-internal]] failed",
        'User-Name = "[[EMAIL_ADDRESS|0049-123456@t-online.lan]]"',
        "key=[[EMAIL_ADDRESS|joe@example.com]]&mail=[[EMAIL_ADDRESS|o'hara@example.net]]",
        "rcpt [[EMAIL_ADDRESS|bounce+joe=example.com@lists.example.org]] deferred",
        "[[EMAIL_ADDRESS|jane [at] example [dot] com]] or [[EMAIL_ADDRESS|tom(at)example.com]]",
        "it is [[EMAIL_ADDRESS|jane at example dot com]], as I said",
        '{"to":["[[EMAIL_ADDRESS|a@example.com]]","[[EMAIL_ADDRESS|b@example.com]]"]}',
        "id;mail\n7;[[EMAIL_ADDRESS|kunde_7@kabel.example]]\n",
        "“[[EMAIL_ADDRESS|kunde@example.de]]”，[[EMAIL_ADDRESS|王@例え.jp]]。",
        "postfix/smtp[812]: to=<[[EMAIL_ADDRESS|m.rossi@posta.example.it]]>, relay=none",
    ],
)
def test_mailboxes(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "Call [[PHONE_NUMBER|+1 (555) 010-9999]] now",
        "[[PHONE_NUMBER|555-010-9999 ext. 12]] or [[PHONE_NUMBER|(212) 555-0123]]",
        "Tel: [[PHONE_NUMBER|030 1234567]], mobil [[PHONE_NUMBER|0171/2345678]], [[PHONE_NUMBER|+49 (0)30 123456-78]]",
        "reach me under [[PHONE_NUMBER|0049 30 1234567]]",
        "Tél. [[PHONE_NUMBER|01 23 45 67 89]]; móvil [[PHONE_NUMBER|612 345 678]]; cell. [[PHONE_NUMBER|347 123 4567]]",
        "tel. [[PHONE_NUMBER|512 345 678]] / telemóvel [[PHONE_NUMBER|912 345 678]]",
        "tlf [[PHONE_NUMBER|22 12 34 56]]; puhelin [[PHONE_NUMBER|040 1234567]]",
        "mobile: [[PHONE_NUMBER|98765 43210]]; call [[PHONE_NUMBER|9123 4567]]; [[PHONE_NUMBER|(11) 98765-4321]]",
        "phone,name\n[[PHONE_NUMBER|07911123456]],x\n",
        '{"phone": "[[PHONE_NUMBER|2125550123]]", "fax": [[PHONE_NUMBER|442079460958]]}',
        "UK: [[PHONE_NUMBER|020 7946 0958]], Kenya [[PHONE_NUMBER|+254 712 345678]], [[PHONE_NUMBER|+65-6123-4567]]",
        "call me on [[PHONE_NUMBER|555-0199]]",
        "SIP/2.0 From: <sip:[[PHONE_NUMBER|+442079460958]]>",
    ],
)
def test_telephones(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "see [[URL|https://portal.example.com/reset?token=abc123]], please",
        "[[URL|https://user:pass@example.com/x]]",
        "([[URL|http://10.0.0.1:8080/admin/]])",
        "go to [[URL|www.example.com/path]] or [[URL|shop.example.co.uk/cart?id=7]].",
        "[[URL|sip://alice@pbx.example.net]]",
    ],
)
def test_web_addresses(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "the zone [[DOMAIN_NAME|kunde-mueller.de]] is down.",
        "domain [[DOMAIN_NAME|familie.live]]; [[DOMAIN_NAME|mail.smith-family.co.uk]]",
        '{"fqdn":"[[DOMAIN_NAME|kassa.jansen-bakkerij.nl]]","home":"[[URL|www.jansen.nl]]"}',
    ],
)
def test_domains(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "npm install lodash@4.17.21 react@latest; icon@2x.png; getty@tty1.service; actions/checkout@v4",
        "root@router1:~# show clock",
        "import java.net.Socket; System.out.println(self.name); os.path.join(a.id, b.to)",
        "on 01.02.2024 12:30 and 2024-01-02, from 10.1.2.3 to 192.168.0.100/24",
        "order 1234567, epoch 1712345678, packets 9876543210, max 4294967295, -2147483648",
        "0123 4567 8901 2345; 12-34-56; 123-456; 5 minute input rate 2000 bits/sec",
        "RTT 10.123/12.456/15.789/1.234 ms; +12.345678 offset; -48.2 dBm",
        "foo.py config.json README.md main.c e.g. this, i.e. that",
        "commit 1d5badadabac0b5892; 550e8400-e29b-41d4-a716-446655440000; 00:1a:2b:3c:4d:5e",
        "diff @@ -12,7 +12,9 @@ def main():",
        "as he told us on the phone, it is 93.178.214.203 and 25.186.188.143",
    ],
)
def test_what_is_none_of_it(text):
    assert FINDER.find(text) == set()


def test_regions_decide_what_a_national_number_is():
    danish = Finder(phone_patterns(["DK"]))
    assert danish.find("mobile 22 12 34 56") == {("PHONE_NUMBER", "22 12 34 56")}
    assert danish.find("mobile 07911 123456") == set()


def test_a_region_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="Use ISO 3166 codes"):
        phone_patterns(["UK"])


def test_a_word_in_the_way_of_a_local_part_is_left_alone():
    assert FINDER.find("user=joe@example.com") == {("EMAIL_ADDRESS", "joe@example.com")}
