import logging
import re
import socket
import time
from pathlib import Path

import pytest
from presidio_analyzer import EntityRecognizer, LemmaContextAwareEnhancer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import EmailRecognizer, IbanRecognizer, PhoneRecognizer

from appliance.errors import ConfigError, PrivacyUnavailable
from appliance.privacy.presidio import (
    Analyzer,
    Anonymizer,
    OurRecognizer,
    PresidioFinder,
    open_names,
    read_recognizers,
)
from appliance.privacy.presidio.analyzer import Words
from appliance.privacy.presidio.context import Context
from appliance.privacy.span import Span
from tests.architecture.test_network import alone
from tests.peers.presidio import StockPresidio
from tests.unit.conftest import NetworkDenied, _no_network  # noqa: F401

pytestmark = pytest.mark.usefixtures("_no_network")

BADGES = """
recognizers:
  - name: Badges
    supported_language: en
    supported_entity: BADGE
    context: [badge, staff]
    patterns:
      - {name: badge, regex: '\\bE[0-9]{5}\\b', score: 0.3}
  - name: Rooms
    supported_language: de
    supported_entity: ROOM
    deny_list: [Raum 7, Raum 8]
"""


class Failing(EntityRecognizer):
    def load(self) -> None: ...

    def analyze(self, text, entities, nlp_artifacts=None):
        raise LookupError(f"cannot read {text}")


class Slow(EntityRecognizer):
    def load(self) -> None: ...

    def analyze(self, text, entities, nlp_artifacts=None):
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        return []


def yaml(folder: Path, text: str) -> Path:
    file = folder / "recognizers.yaml"
    file.write_text(text)
    return file


def find_tickets(text: str) -> list[Span]:
    return [Span(*found.span(), "TICKET_ID", 0.9, "ticket") for found in re.finditer(r"TT-\d+", text)]


def shown(results: list[RecognizerResult]) -> list[tuple]:
    return sorted((each.entity_type, each.start, each.end, each.score) for each in results)


def test_ours_are_among_presidios():
    analyzer = Analyzer([OurRecognizer(find_tickets, ["TICKET_ID"]), EmailRecognizer()])
    found = analyzer.analyze("TT-77 is about jo@example.com", "en")
    assert shown(found) == [("EMAIL_ADDRESS", 15, 29, 1.0), ("TICKET_ID", 0, 5, 0.9)]
    assert {"TICKET_ID", "EMAIL_ADDRESS"} == set(analyzer.get_supported_entities())
    assert [each.recognition_metadata["recognizer_name"] for each in found] == ["EmailRecognizer", "ticket"]


def test_only_what_is_asked_for_comes_back():
    analyzer = Analyzer([OurRecognizer(find_tickets, ["TICKET_ID", "INVOICE_ID"])])
    assert analyzer.analyze("TT-77", "en", entities=["INVOICE_ID"]) == []


def test_a_users_yaml_is_read_in_each_of_its_languages(tmp_path):
    finder = PresidioFinder(Analyzer(read_recognizers(yaml(tmp_path, BADGES))))
    assert finder.find("E12345 in Raum 7") == [
        Span(0, 6, "BADGE", 0.3, "Badges"),
        Span(10, 16, "ROOM", 1.0, "Rooms"),
    ]


def test_context_lifts_without_a_model(tmp_path):
    finder = PresidioFinder(Analyzer(read_recognizers(yaml(tmp_path, BADGES))))
    assert finder.find("His Badge reads E12345") == [Span(16, 22, "BADGE", 0.3 + 0.35, "Badges")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("recognizers: [{name: AzureAILanguageRecognizer, type: predefined}]", "sends text to another service"),
        ("recognizers: [{name: BasicLangExtractRecognizer, type: predefined}]", "sends text to another service"),
        ("recognizers: [{name: GLiNERRecognizer, type: predefined}]", "needs a model"),
        ("recognizers: [{name: NoSuchRecognizer, type: predefined}]", "NoSuchRecognizer was not found"),
        ("recognizers: [{name: EmailRecognizer, type: predefined, enabled: false}]", "enables no recognizer"),
        ("recognizers: [{name: Half, supported_entity: X, supported_language: en}]", "does not describe"),
        (BADGES.replace("[0-9]", "([0-9]"), "Invalid regex"),
        ("recognizers: {", "does not describe"),
    ],
)
def test_what_may_not_run_is_told_at_load(tmp_path, text, says):
    with pytest.raises(ConfigError, match=says):
        read_recognizers(yaml(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match="is not there"):
        read_recognizers(tmp_path / "none.yaml")


def test_a_regex_without_end_refuses_the_text():
    endless = PatternRecognizer("X", patterns=[Pattern("endless", r"(a|aa)+$", 0.5)])
    analyzer = Analyzer([endless], deadline_seconds=0.1)
    started = time.monotonic()
    with pytest.raises(PrivacyUnavailable, match="in time"):
        analyzer.analyze("a" * 60 + "!", "en")
    assert time.monotonic() - started < 5  # Presidio's own limit is 60 seconds
    assert shown(analyzer.analyze("a", "en")) == [("X", 0, 1, 0.5)]


def test_a_regex_given_with_the_call_has_the_same_deadline():
    endless = PatternRecognizer("X", patterns=[Pattern("endless", r"(a|aa)+$", 0.5)])
    with pytest.raises(PrivacyUnavailable, match="in time"):
        Analyzer([Slow(["Y"])], deadline_seconds=0.1).analyze("a" * 60 + "!", "en", ad_hoc_recognizers=[endless])


def test_recognizers_that_are_slow_refuse_the_text():
    with pytest.raises(PrivacyUnavailable, match="in time"):
        Analyzer([Slow(["X"])], deadline_seconds=0.01).analyze("anything", "en")


def test_a_recognizer_that_breaks_refuses_the_text_and_quotes_nothing():
    with pytest.raises(PrivacyUnavailable, match="LookupError") as refused:
        Analyzer([Failing(["X"])]).analyze("Jane Doe", "en")
    assert "Jane" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_no_recognizers_at_all_are_a_mistake():
    with pytest.raises(ConfigError, match="at least one"):
        Analyzer([])


def test_nothing_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    Analyzer([IbanRecognizer(), PhoneRecognizer(), EmailRecognizer()]).analyze(
        "card DE00 XXXX 0000 or 030 123456 or jo@example.com", "en", return_decision_process=True
    )
    assert caplog.records == []


def test_context_is_what_presidios_own_enhancer_makes_of_it():
    text = " ".join(
        f"my phone number is 212-555-{number:04}; send it, not the invoice {number}." for number in range(90)
    )
    recognizer, engine = PhoneRecognizer(), Words(["en"])
    engine.load()
    artifacts = engine.process_text(text, "en")
    found = recognizer.analyze(text, ["PHONE_NUMBER"], artifacts)
    assert len(found) > 80
    theirs = LemmaContextAwareEnhancer().enhance_using_context(text, found, artifacts, [recognizer], ["call"])
    assert shown(Context().enhance_using_context(text, found, artifacts, [recognizer], ["call"])) == shown(theirs)


@pytest.mark.parametrize("place", ["spacy:en_no_such_model", "gliner:no/folder", "transformers:no/folder"])
def test_a_model_that_is_missing_is_told_and_not_fetched(place):
    with pytest.raises(ConfigError, match="nothing is downloaded"):
        open_names(place)


@pytest.mark.parametrize("setting", ["", "spacy:", "stanza:en", "rampart"])
def test_a_model_of_no_known_kind_is_told(setting):
    with pytest.raises(ConfigError, match="is no model for names"):
        open_names(setting)


def test_names_come_from_a_spacy_model_in_a_folder(stock_presidio: StockPresidio):
    names = open_names(f"spacy:{stock_presidio.model}")
    text = "Angela Merkel called from Berlin about 3 invoices on Monday."
    assert [(text[each.start : each.end], each.type) for each in names.find(text)] == [
        ("Angela Merkel", "PERSON"),
        ("Berlin", "LOCATION"),
    ]


def issue(entity: str, value: str) -> str:
    return f"<{entity}_{len(value)}>"


TEXT = "Jane Doe, 030 123456, jo@x.de"
SPANS = [Span(0, 8, "PERSON", 0.9, "x"), Span(10, 20, "PHONE_NUMBER", 0.9, "x"), Span(22, 29, "EMAIL_ADDRESS", 1, "x")]


@pytest.mark.parametrize(
    ("operators", "expected"),
    [
        ({}, "<PERSON_8>, <PHONE_NUMBER_10>, <EMAIL_ADDRESS_7>"),
        ({"PERSON": {"type": "redact"}}, ", <PHONE_NUMBER_10>, <EMAIL_ADDRESS_7>"),
        ({"PERSON": {"type": "replace", "new_value": "someone"}}, "someone, <PHONE_NUMBER_10>, <EMAIL_ADDRESS_7>"),
        (
            {"PHONE_NUMBER": {"type": "mask", "masking_char": "*", "chars_to_mask": 4, "from_end": True}},
            "<PERSON_8>, 030 12****, <EMAIL_ADDRESS_7>",
        ),
        ({"EMAIL_ADDRESS": {"type": "keep"}}, "<PERSON_8>, <PHONE_NUMBER_10>, jo@x.de"),
    ],
)
def test_users_operators_apply_by_type_and_placeholders_to_the_rest(operators, expected):
    assert Anonymizer(operators).apply(TEXT, SPANS, issue) == expected


def test_a_salted_hash_is_the_same_for_the_same_value():
    anonymizer = Anonymizer({"PERSON": {"type": "hash", "salt": "s" * 16}})
    once, again = (anonymizer.apply(TEXT, SPANS[:1], issue) for _ in range(2))
    assert once == again
    assert re.match(r"[0-9a-f]{64}, 030", once)


@pytest.mark.parametrize(
    ("operator", "says"),
    [
        ({"type": "hash"}, "without a salt"),
        ({"type": "mask", "masking_char": "**", "chars_to_mask": 2, "from_end": True}, "PERSON is wrong"),
        ({"type": "encrypt", "key": "short"}, "128, 192 or 256"),
        ({"type": "shred"}, "shred"),
    ],
)
def test_an_operator_that_cannot_work_is_told_at_load(operator, says):
    with pytest.raises(ConfigError, match=says):
        Anonymizer({"PERSON": operator})


ANALYSE = """
from pathlib import Path
import presidio_analyzer
from appliance.privacy.presidio import Analyzer, PresidioFinder, read_recognizers
file = Path(presidio_analyzer.__file__).parent / "conf" / "default_recognizers.yaml"
finder = PresidioFinder(Analyzer(read_recognizers(file)))
print(sorted({each.type for each in finder.find("jo@example.com, 212-555-0188, DE89370400440532013000")}))
"""
STOCK = """
import tldextract
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(cache_dir=None)
from presidio_analyzer.predefined_recognizers import EmailRecognizer
EmailRecognizer().analyze("jo@example.com", ["EMAIL_ADDRESS"])
"""


def test_loading_and_analysing_opens_no_socket_and_starts_no_process():
    run = alone(ANALYSE)
    assert run.returncode == 0, run.stderr[-2000:]
    assert "EMAIL_ADDRESS" in run.stdout


def test_presidio_alone_would_open_one():
    run = alone(STOCK)
    assert "denied on import: socket" in run.stderr


def test_the_denial_holds_here():
    with pytest.raises(NetworkDenied):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
