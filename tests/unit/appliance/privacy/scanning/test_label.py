import pytest
import re2

from appliance.privacy.scanning.label import COLON, FAR, MARK, PREFIXED, SAYS, SIGN, VERB, anyone, element, named

LOOSE = named(anyone("serial number, sn"), r"\b[A-Z]{3}[0-9]{3}\b")


@pytest.mark.parametrize(
    "text",
    [
        "serial number ABC123", "Serial-Number: ABC123", '"serialNumber": "ABC123"', "serial_number=ABC123",
        "SN ...... : ABC123",
        "<sn>ABC123</sn>", "<td>SN</td><td>ABC123</td>", "| SN | ABC123 |", "SN:\n  ABC123", "serial number is ABC123",
        "serial number of the router: ABC123", "serial number (see label): ABC123", "onu_sn ABC123",
    ],
)  # fmt: skip
def test_a_value_stands_behind_its_name(text):
    assert re2.search(LOOSE, text)["v"] == "ABC123"


@pytest.mark.parametrize(
    "text", ["snABC123", "serial number, ABC123", "serial number and a long story about ABC123", "isn ABC123"]
)
def test_a_value_elsewhere_is_not_taken(text):
    assert re2.search(LOOSE, text) is None


def test_a_mark_leaves_the_first_sign_to_the_value():
    assert re2.search(named("key", r"\S{3,9}", link=MARK), "key: #abc")["v"] == "#abc"


def test_a_verb_says_so():
    verb = named("key", r"\S{3,9}", link=VERB)
    assert re2.search(verb, "the key is abc")["v"] == "abc"
    assert re2.search(verb, "the key abc") is None


def test_a_sign_is_a_mark_or_a_verb():
    sign = named("key", r"\b[a-z]{3}\b", link=SIGN)
    assert [bool(re2.search(sign, text)) for text in ("key: abc", "key is abc", "key abc")] == [True, True, False]


def test_a_few_words_may_stand_between():
    assert re2.search(named("number", r"\b[0-9]{3}\b", link=FAR), "number in question is 123")["v"] == "123"


def test_a_name_may_be_the_end_of_a_longer_one():
    assert re2.search(named("serial", r"\b[0-9]{3}\b", start=PREFIXED), "deviceSerial: 123")["v"] == "123"


@pytest.mark.parametrize(
    "text",
    [
        "<key>abc</key>",
        '<ns:key type="x">abc</ns:key>',
        "<Name>Device.Key</Name>\n  <Value xsi:type='xsd:string'>abc</Value>",
    ],
)
def test_an_element_holds_a_value_under_its_name_or_behind_it(text):
    assert re2.search(element("key"), text)["v"] == "abc"


def test_a_mark_or_a_verb_alone():
    value = r"\b[0-9]{3}\b"
    colon, says = named("line", value, link=COLON), named("line", value, link=SAYS)
    assert [bool(re2.search(colon, text)) for text in ("line: 123", "line is 123")] == [True, False]
    assert [bool(re2.search(says, text)) for text in ("line: 123", "line is 123")] == [False, True]
