import json

import pytest

from appliance.privacy.answers.restorer import LONGEST, Restorer
from appliance.privacy.placeholder import Placeholders, Reach
from tests.unit.appliance.privacy.finding import KEY

PLACEHOLDERS = Placeholders(KEY)
PERSON = PLACEHOLDERS.issue("PERSON", "Jane Doe", Reach.ANYWHERE)
MAIL = PLACEHOLDERS.issue("EMAIL_ADDRESS", "jane@example.net", Reach.ANYWHERE)
SYSTEM = PLACEHOLDERS.issue("PHONE_NUMBER", "555 0100", Reach.NOWHERE)
TOOL = PLACEHOLDERS.issue("USERNAME", "svc-mail", Reach.CALLS)
KEY_OF_WIFI = PLACEHOLDERS.issue("WIFI_KEY", 'say "hi"\\\n', Reach.ANYWHERE)
P, M = PERSON.digest, MAIL.digest


def whole(text: str, reach: Reach = Reach.ANYWHERE) -> str:
    return Restorer(PLACEHOLDERS, reach).whole(text)


@pytest.mark.parametrize(
    ("written", "restored"),
    [
        (f"<PERSON_{P}>", "Jane Doe"),
        (f"<person_{P.lower()}>", "Jane Doe"),
        (f"<Person_{P}>s", "Jane Does"),
        (f"<PERSON_{P}>'s line", "Jane Doe's line"),
        (f"<PERSON_{P}'s> line", "Jane Doe's line"),
        (f"PERSON_{P}", "Jane Doe"),
        (f"PERSON_{P}.", "Jane Doe."),
        (f"`<PERSON_{P}>`", "`Jane Doe`"),
        (f"**PERSON_{P}**", "**Jane Doe**"),
        (f"_PERSON_{P}_", "_Jane Doe_"),
        (f"(PERSON_{P})", "(Jane Doe)"),
        (f"(<PERSON_{P}>)", "(Jane Doe)"),
        (f"<<PERSON_{P}>>", "<Jane Doe>"),
        (f"[PERSON_{P}]", "Jane Doe"),
        (f"[<PERSON_{P}>](mailto:<EMAIL_ADDRESS_{M}>)", "[Jane Doe](mailto:jane@example.net)"),
        (f"［PERSON_{P}］", "Jane Doe"),  # noqa: RUF001
        (f"〈PERSON_{P}〉", "Jane Doe"),
        (f"«PERSON_{P}»", "Jane Doe"),
        (f"&lt;PERSON_{P}&gt;", "Jane Doe"),
        (f"\\<PERSON\\_{P}\\>", "Jane Doe"),
        (f"<EMAIL\\_ADDRESS\\_{M}>", "jane@example.net"),
        (f"<EMAIL ADDRESS {M}>", "jane@example.net"),
        (f"< EMAIL-ADDRESS-{M} >", "jane@example.net"),
        (f"the email address {M}", "the jane@example.net"),
        (f"<E-Mail-Adresse_{M}>", "jane@example.net"),
        (f"<PERSONNE_{P}> et <ADRESSE_{M}>", "Jane Doe et jane@example.net"),
        (f"<PERSON_{P}><EMAIL_ADDRESS_{M}>", "Jane Doejane@example.net"),
        (f"mailto:EMAIL_ADDRESS_{M}?to=PERSON_{P}", "mailto:jane@example.net?to=Jane Doe"),
        (f"\\<PERSON_{P}>", "\\Jane Doe"),
        (f"C:\\<PERSON_{P}>\\x", "C:\\Jane Doe\\x"),
    ],
)
def test_a_placeholder_is_known_in_any_dress_and_in_any_pieces(written, restored):
    assert whole(written) == restored
    for after in ("", " and so on", ">"):
        expected = whole(written + after)
        letter_by_letter = Restorer(PLACEHOLDERS)
        assert "".join(map(letter_by_letter.feed, written + after)) + letter_by_letter.end() == expected
        for cut in range(len(written) + 1):
            restorer = Restorer(PLACEHOLDERS)
            pieces = restorer.feed(written[:cut]), restorer.feed(written[cut:] + after), restorer.end()
            assert "".join(pieces) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"PERSON_{P}0",
        f"PERSON_{P[:5]}",
        f"<PERSON_{P[:-1]}{'0' if P[-1] != '0' else '1'}>",
        f"<EMAIL_ADDRESS_{P}>"[1:-1],
        f"superPERSON_{P}",
        f"colour #{P}",
        f"order {P}",
        "<PERSON_7F3A21>",
        f"<PHONE_NUMBER_{SYSTEM.digest}>",
        f"<USERNAME_{TOOL.digest}>",
        "a < b and b > c [see (x)] & `y` \\ z",
        "",
    ],
)
def test_nothing_is_guessed(text):
    assert whole(text) == text
    restorer = Restorer(PLACEHOLDERS)
    assert "".join(map(restorer.feed, text)) + restorer.end() == text


def test_calls_get_what_definitions_brought_and_never_what_the_system_did():
    assert whole(f"<USERNAME_{TOOL.digest}>", Reach.CALLS) == "svc-mail"
    assert whole(f"<PHONE_NUMBER_{SYSTEM.digest}>", Reach.CALLS) == f"<PHONE_NUMBER_{SYSTEM.digest}>"


def test_values_in_json_are_escaped():
    placeholder = KEY_OF_WIFI.placeholder
    arguments = json.dumps({"key": f"it is {placeholder}", "to": MAIL.placeholder}).replace("<", "\\u003c", 1)
    arguments = arguments.replace(">", "\\u003e", 1)
    for cut in range(len(arguments)):
        restorer = Restorer(PLACEHOLDERS, in_json=True)
        restored = restorer.feed(arguments[:cut]) + restorer.feed(arguments[cut:]) + restorer.end()
        assert json.loads(restored) == {"key": f"it is {KEY_OF_WIFI.value}", "to": MAIL.value}


@pytest.mark.parametrize("text", ["The line is back.", "Hello!\n", "1. first\n2. ", "per month (net) ", "x = [1, 2]; "])
def test_what_cannot_become_a_placeholder_is_not_kept(text):
    restorer = Restorer(PLACEHOLDERS)
    assert restorer.feed(text) == text
    assert restorer.end() == ""


def test_only_the_beginning_of_one_placeholder_is_kept():
    restorer = Restorer(PLACEHOLDERS)
    assert restorer.feed(f"I wrote to <EMAIL_ADDRESS_{M}> and <PERS") == "I wrote to jane@example.net and "
    assert restorer.feed("ONAL>") == "<PERSONAL>"


@pytest.mark.parametrize(
    "text", ["<" * 10_000, "<person" * 2_000, "PERSON_" * 2_000, "P E R S O N " * 900, "<a_" * 4_000]
)
def test_what_is_kept_is_bounded(text):
    restorer = Restorer(PLACEHOLDERS)
    out = ""
    for at in range(0, len(text), 7):
        out += restorer.feed(text[at : at + 7])
        assert len(text[: at + 7]) - len(out) <= LONGEST + 8
    assert out + restorer.end() == text


def test_places_of_all_placeholders_are_told():
    text = f"to <EMAIL_ADDRESS_{M}>, email_address_{M.lower()}s and <EMAIL_ADDRESS_000000>"
    places = [text[start:end] for start, end in Restorer(PLACEHOLDERS, Reach.NOWHERE).places(text)]
    assert places == [f"<EMAIL_ADDRESS_{M}>", f"email_address_{M.lower()}"]
