# ruff: noqa: RUF001
from base64 import b64encode
from quopri import encodestring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import PrivacyUnavailable
from appliance.privacy.patterns import contact, finance
from appliance.privacy.scanning.scanner import Scanner
from appliance.privacy.scanning.views import ROOM, SPARE, find_in_views, views

SCAN = Scanner((*contact.PATTERNS, *finance.PATTERNS), deadline_seconds=60).scan


def packed(text: str) -> str:
    return b64encode(text.encode()).decode()


def found(text: str) -> set[tuple[str, str]]:
    return {(each.type, text[each.start : each.end]) for each in find_in_views(text, SCAN) if each.score >= 0.5}


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("to ", "jane.doe@exam\u200bple.com", " ok"),
        ("", "ja\u00adne@exa\u2060mple.com", ""),
        ("", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "、"),
        ("", "jаne@exаmple.com", ""),
        ("", "jane@eχample.com", ""),
        ("x ", "ja\u0301ne@example.com", " y"),
        ("mail=", "jane%40example.com", "&x=1"),
        ("mail=", "jane%2540example.com", "&x=1"),
        ("<p>", "&#106;ane&#x40;example&period;com", "</p>"),
        ('{"m":"', "jane\\u0040example.com", '"}'),
        ("Authorization: Basic ", packed("jane@example.com:pw12345"), "\r\n"),
        ("x ", packed(packed("mail jane@example.com")), " y"),
        ("mail ", "jane@exam\nple.com", " now"),
        ("> to ", "jane@\n> example.com", ""),
        ("", "jane@mail.\nexample.com", ""),
        ("", "jane@mail.dept.\nexample.com", ""),
        ("", "𝐣𝐚𝐧𝐞@example.com", ""),
        ("k" * 400 + " ok ", "jane%40example.com", " " + "z" * 400),
    ],
)
def test_a_mailbox_in_disguise(before, value, after):
    assert found(before + value + after) == {("EMAIL_ADDRESS", value)}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("IBAN_CODE", "DE89 3704 0044\n0532 0130 00"),
        ("CREDIT_CARD", "4111 1111\n1111 1111"),
        ("CREDIT_CARD", "41111111\r\n11111111"),
        ("CREDIT_CARD", "٤١١١١١١١١١١١١١١١"),
        ("CREDIT_CARD", "4111\u00a01111\u00a01111\u00a01111"),
        ("PHONE_NUMBER", "555–010–9999"),
        ("PHONE_NUMBER", "+49 30\n1234567"),
        ("CREDIT_CARD", packed("card 4111 1111 1111 1111")),
    ],
)
def test_a_number_in_disguise(kind, value):
    assert (kind, value) in found(f"it is {value} .")


def test_quoted_printable():
    text = encodestring(("Grüße von " + "x" * 48 + " jane.müller@example.com").encode()).decode()
    assert "=\n" in text
    assert found(text) == {("EMAIL_ADDRESS", text[text.index("jane") :].rstrip())}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jane@example.com",
        "interface GigabitEthernet0/1\n ip address 10.0.0.1 255.255.255.0\n",
        "Die Straße ist für Fußgänger geöffnet.",
        "Москва, улица Ленина",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_plain_text_has_no_views(text):
    assert list(views(text)) == []


def test_lines_are_joined_only_inside_of_an_identifier():
    assert found("contact\njane@example.com\nthanks.now") == set()
    assert found("Write to jane@example.com.\nThe line is down.") == set()
    assert found("Write to jane@example.com.\nmy line is down.") == set()


def test_columns_of_numbers_are_no_cards():
    assert found("4111,12\n5500,13\n4000,14\n") == set()


@given(st.text(alphabet=st.sampled_from("aé@.\u200bｅ%40 \n=аЖ&#64;\\u0")))
def test_finds_lie_in_the_text(text):
    for each in find_in_views(text, SCAN):
        assert 0 <= each.start < each.end <= len(text)


@given(st.text(max_size=60), st.text(alphabet="\u200b\u00ad%41 ａ\n", max_size=20), st.text(max_size=60))
def test_views_map_every_character_back(before, odd, after):
    text = before + odd + after
    for view in views(text):
        assert view.starts == sorted(set(view.starts))
        assert len(view.starts) == len(view.origins)
        assert all(0 <= start <= end <= len(text) for start, end in view.origins)


@pytest.mark.parametrize(
    "part", ["%40", "a\u200b", "@a\n", "1234-\n", "=", "\\u0040", "4111 ", "QUJD", "+1 ", "00:", "&#64;"]
)
def test_views_stay_small_whatever_the_text(part):
    text = part * 2_000
    assert sum(len(view.text) for view in views(text)) <= ROOM * len(text) + SPARE


def test_too_much_hidden_in_too_little_is_refused():
    scanned: list[int] = []
    text = "\uff20%2540a@\u200b=\n4111" * 3_000

    def scan(view: str) -> list:
        scanned.append(len(view))
        return []

    with pytest.raises(PrivacyUnavailable, match="Send it as plain text"):
        find_in_views(text, scan)
    assert sum(scanned) <= ROOM * len(text) + SPARE
