import re

import pytest

from appliance.privacy.people.doubts import Doubts
from appliance.privacy.people.gate import bundled
from appliance.privacy.span import Span

MARKED = re.compile(r"\[(\w+) ([^\]]+)\]")


@pytest.fixture(scope="module")
def doubts() -> Doubts:
    return Doubts(bundled())


def held(doubts: Doubts, marked: str) -> list[str]:
    """What of the finds written as `[PERSON Jane]` holds."""
    text, spans = "", list[Span]()
    for plain, kind, value in re.findall(r"([^\[]*)(?:\[(\w+) ([^\]]+)\])?", marked):
        text += plain
        if value:
            spans.append(Span(len(text), len(text) + len(value), kind, 0.9, "test"))
            text += value
    return [text[span.start : span.end] for span in doubts.settled(text, spans)]


@pytest.mark.parametrize(
    "marked",
    [
        "[PERSON Router] is down",
        "we move in [LOCATION June]",
        "votre modem arrive [LOCATION lundi]",
        "Juniper and [LOCATION Nokia] run the core",
        "[LOCATION Nokia] [LOCATION 7750 SR] runs the core",
        "Use a [PERSON Netgear Nighthawk]",
        "My [PERSON Archer] AX55 drops the network",
        "The [PERSON Fritz]!Box has a red light",
        "The [LOCATION Box 7590] has a red light",
        "Cisco [ADDRESS 9300] in the rack",
        "cachesize [LOCATION 1000] is too little",
        "the [ADDRESS 12] lights are red",
        "interface ge-0/0/[LOCATION 4711] is down",
        "const [PERSON apiToken] = 1",
        "InternetGatewayDevice.[PERSON WANDevice].1",
        "[PERSON CELERY]_BROKER_URL",
        "IF-MIB::[PERSON address].1",
        '{"[PERSON loid]": 1}',
        "remote AS [LOCATION 64700], external",
        "RADIUS auth [ADDRESS port 1645] acct",
    ],
)
def test_what_is_no_name_is_dropped(doubts: Doubts, marked: str):
    assert held(doubts, marked) == []


@pytest.mark.parametrize(
    ("marked", "left"),
    [
        ("[PERSON Archer] is my last name", ["Archer"]),
        ("[PERSON McDonald] called", ["McDonald"]),
        ('{"[PERSON Jane]": 1}', ["Jane"]),
        ("zip code is [LOCATION 90210]", ["90210"]),
        ("PLZ [LOCATION 80331]", ["80331"]),
        ("auth [ADDRESS Elm 1645] acct", ["Elm 1645"]),
        ("Ask [PERSON Fritz] about the box", ["Fritz"]),
        ("Mi mujer [PERSON Isabela reinició] el router", ["Isabela"]),
        ("ciao [PERSON sono federigo]", ["federigo"]),
        ("hoi met [PERSON jan de boer]", ["jan de boer"]),
        ("[PERSON Dustin Case] called", ["Dustin Case"]),
        ("[PERSON dustin case] called", ["dustin case"]),
        ("in [LOCATION Port Jill]", ["Port Jill"]),
        ("Springfield, [LOCATION IL]", ["IL"]),
        ("at [ADDRESS 12 Main Street], [LOCATION 4020] [LOCATION Linz]", ["12 Main Street", "4020", "Linz"]),
        ("at [ADDRESS 12 Elm Road] between [ADDRESS 9] and noon", ["12 Elm Road"]),
        ("bonjour [PERSON c'est luca]", ["luca"]),
        ("my zip is [LOCATION 62704]", ["62704"]),
        ("mail [EMAIL_ADDRESS router]", ["router"]),
    ],
)
def test_what_may_be_one_stays(doubts: Doubts, marked: str, left: list[str]):
    assert held(doubts, marked) == left
