"""Presidio's recognizers and operators by setting, through the privacy of a process."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.errors import ConfigError, PrivacyUnavailable
from appliance.privacy.catalogue import entries
from appliance.privacy.choice import choice_of
from appliance.privacy.operators import Operators
from appliance.privacy.privacy import Privacy
from appliance.settings import Presidio, PresidioOperator, PrivacyPolicy, TenantPrivacy
from appliance.settings import Privacy as Chosen
from tests.peers.cache import compiled_patterns

BADGES = """
recognizers:
  - name: Badges
    supported_language: en
    supported_entity: BADGE
    context: [badge]
    patterns:
      - {name: badge, regex: '\\bE[0-9]{5}\\b', score: 0.3}
"""
MAIL = "jane@customer.example"
SALT = "sixteen bytes, or a few more"


def privacy(chosen: Chosen) -> Privacy:
    made = Privacy(chosen, b"a key of thirty-two bytes, or so", compiled_patterns())
    made.prepare()
    return made


def chose(kind: str, operator: PresidioOperator, **more: Any) -> Chosen:
    policy = PrivacyPolicy(types={kind: "operator"})
    return Chosen(names="off", policy=policy, presidio=Presidio(operators={kind: operator}, **more))


def sent(of: Privacy, text: str, tenant: str = "north") -> str:
    vault = of.open(tenant)
    body = msgspec.json.encode({"messages": [{"role": "user", "content": text}]})
    content: str = msgspec.json.decode(vault.seal("chat", body).body)["messages"][0]["content"]
    return content


@pytest.fixture
def badges(tmp_path: Path) -> Path:
    file = tmp_path / "recognizers.yaml"
    file.write_text(BADGES)
    return file


def test_recognizers_of_presidio_find_beside_ours(badges: Path) -> None:
    found = privacy(Chosen(names="off", presidio=Presidio(recognizers=badges))).find(
        "north", f"Badge E12345 of {MAIL}, not E54321"
    )
    assert [(each.type, each.recognizer) for each in found] == [
        ("BADGE", "Badges"),
        ("EMAIL_ADDRESS", "email"),
        ("BADGE", "Badges"),
    ]


async def test_what_only_presidio_finds_is_listed(badges: Path) -> None:
    chosen = Chosen(names="off", presidio=Presidio(recognizers=badges))
    of = privacy(chosen)
    presidio = await of.presidio_types()
    assert presidio == {"BADGE": ["Badges"]}
    policies = (of.policy("north"), of.policy("north", "cloud"))
    last = entries(choice_of(chosen, "north"), *policies, presidio)[-1]
    assert (last.type, last.text, last.recognizers, last.action) == ("BADGE", "your own", ("Badges",), "mask")


def test_thresholds_hold_for_them(badges: Path) -> None:
    chosen = Chosen(
        names="off",
        presidio=Presidio(recognizers=badges),
        thresholds={"BADGE": 0.9},
        tenants={"south": TenantPrivacy(thresholds={"BADGE": 0.3})},
    )
    of = privacy(chosen)
    assert of.find("north", "Badge E12345") == ()
    assert [each.type for each in of.find("south", "E12345")] == ["BADGE"]


@pytest.mark.parametrize(
    ("operator", "instead"),
    [
        (PresidioOperator(type="mask", chars_to_mask=5), "*****customer.example"),
        (PresidioOperator(type="mask", chars_to_mask=8, from_end=True, masking_char="#"), "jane@customer########"),
        (PresidioOperator(type="mask"), "*" * len(MAIL)),
        (PresidioOperator(type="replace", new_value="somebody"), "somebody"),
        (PresidioOperator(type="replace"), "<EMAIL_ADDRESS>"),
        (PresidioOperator(type="redact"), ""),
    ],
)
def test_an_operator_of_presidio_makes_what_is_sent(operator: PresidioOperator, instead: str) -> None:
    of = privacy(chose("EMAIL_ADDRESS", operator))
    told = sent(of, f"mail {MAIL} from 198.51.100.77")
    assert told.startswith(f"mail {instead} from <IP_ADDRESS_")


def test_a_hash_is_the_same_in_every_request() -> None:
    of = privacy(chose("EMAIL_ADDRESS", PresidioOperator(type="hash", salt=SALT)))
    first, second = sent(of, MAIL), sent(of, MAIL)
    assert first == second and len(first) == 64 and MAIL not in first
    assert sent(of, "john@customer.example") != first


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        (PresidioOperator(type="hash"), "without a salt"),
        (PresidioOperator(type="hash", salt="short"), "at least 16 bytes"),
        (PresidioOperator(type="encrypt", key="no key"), "128, 192 or 256"),
    ],
)
def test_a_wrong_operator_stops_the_start(operator: PresidioOperator, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        privacy(chose("EMAIL_ADDRESS", operator))


def test_an_operator_that_breaks_refuses_the_text_and_does_not_quote_it() -> None:
    of = Operators({"PERSON": PresidioOperator(type="encrypt", key="x" * 16)})
    with pytest.raises(PrivacyUnavailable, match="PERSON broke") as told:
        of.apply("PERSON", "Jane \ud800")
    assert "Jane" not in str(told.value) and told.value.__cause__ is None


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not there"):
        privacy(Chosen(names="off", presidio=Presidio(recognizers=tmp_path / "none.yaml")))


PROGRAM = """
import sys
from pathlib import Path
from appliance.errors import ConfigError
from appliance.privacy.privacy import Privacy
from appliance.settings import Presidio, PresidioOperator, PrivacyPolicy
from appliance.settings import Privacy as Chosen

without, cache = sys.argv[1] == "without", Path(sys.argv[2])
if without:
    sys.modules["presidio_analyzer"] = sys.modules["presidio_anonymizer"] = None
operators = {"URL": PresidioOperator(type="redact")}
for chosen in (
    Chosen(names="off"),
    Chosen(names="off", presidio=Presidio(recognizers=Path("recognizers.yaml"))),
    Chosen(names="off", policy=PrivacyPolicy(types={"URL": "operator"}), presidio=Presidio(operators=operators)),
):
    of = Privacy(chosen, b"key", cache)
    try:
        of.prepare()
    except ConfigError as error:
        print(error.message)
    else:
        loaded = [each for each in ("spacy", "presidio_analyzer", "presidio_anonymizer") if sys.modules.get(each)]
        print("prepared with", loaded)
    if not without:
        break
"""


def run(*arguments: str) -> list[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments, str(compiled_patterns())]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.splitlines()


def test_who_does_not_ask_for_presidio_loads_nothing_of_it() -> None:
    assert run("with") == ["prepared with []"]


def test_who_asks_without_the_extra_is_told_how_to_install_it() -> None:
    assert run("without") == [
        "prepared with []",
        "privacy.presidio.recognizers needs Presidio. Install it: pip install 'ringfence[presidio]'.",
        "privacy.presidio.operators needs Presidio. Install it: pip install 'ringfence[presidio]'.",
    ]
