"""The real model, on sentences that nothing was tuned on."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from appliance.errors import ModelError, PrivacyUnavailable
from appliance.privacy.fields import Origin, rewrite
from appliance.privacy.people.gate import Gate, Words, bundled
from appliance.privacy.people.names import Care, Rampart
from tests.bench.names import judged, places
from tests.bench.support_talk import HELD_BACK, talk

OPEN = Gate(Words())


@pytest.fixture(scope="module")
def finder(rampart_weights: Path) -> Rampart:
    return Rampart(rampart_weights, bundled(), Care(seconds=20))


def found(finder: Rampart, text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.type) for span in finder.find(text)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (
            "My name is Katherine Wolczyk and I live at 42 Elm Street, Apt 3B, Springfield, IL 62704.",
            [
                ("Katherine Wolczyk", "PERSON"),
                ("42 Elm Street, Apt 3B", "ADDRESS"),
                ("Springfield", "LOCATION"),
                ("IL", "LOCATION"),
                ("62704", "LOCATION"),
            ],
        ),
        ("hi im jane doe, my router is down", [("jane doe", "PERSON")]),
        ("Ask Mr. O'Brien-Smith, it is urgent", [("O'Brien-Smith", "PERSON")]),
        ("Bitte rufen Sie Jürgen Müller an", [("Jürgen Müller", "PERSON")]),
        ("😀 Jose\u0301 Marti\u0301nez called", [("Jose\u0301 Marti\u0301nez", "PERSON")]),
        ("My router is down and the LOS light is red.", []),
        ("Upgrade to 10.1.2.5 and reboot GE0/0/1", []),
        ("", []),
    ],
)
def test_it_finds(finder: Rampart, text: str, spans: list[tuple[str, str]]):
    assert found(finder, text) == spans


def test_it_is_good_at_sentences_it_was_not_tuned_on(finder: Rampart):
    score = judged(partial(places, finder.find), list(talk(HELD_BACK, 720, seed=21)))
    assert score.recall >= 0.94
    assert score.precision >= 0.97


def test_the_gate_costs_next_to_nothing_of_what_is_found(finder: Rampart, rampart_weights: Path):
    examples = list(talk(HELD_BACK, 360, seed=22))
    ungated = judged(partial(places, Rampart(rampart_weights, OPEN, Care()).find), examples)
    assert judged(partial(places, finder.find), examples).recall >= ungated.recall - 0.01


def test_a_name_is_found_wherever_it_stands_in_a_long_text(finder: Rampart):
    filler = "Please check the line and call back. "
    for place in (0, 7, 31, 60):
        text = filler * place + "I spoke with Katherine Wolczyk. " + filler * (60 - place)
        assert ("Katherine Wolczyk", "PERSON") in found(finder, text)


def test_a_line_without_an_end_is_read_in_parts(finder: Rampart):
    words = " ".join(["and then Katherine Wolczyk said nothing"] * 60)
    assert found(finder, words).count(("Katherine Wolczyk", "PERSON")) >= 57


def test_what_cannot_be_read_in_time_is_refused(rampart_weights: Path):
    finder = Rampart(rampart_weights, OPEN, Care(seconds=0.01))
    with pytest.raises(PrivacyUnavailable, match="shorter"):
        finder.find("Katherine Wolczyk said " * 5_000)


def test_words_of_the_protocols_are_nobody(finder: Rampart):
    body = {
        "encoding_format": "float",
        "tool_choice": "auto",
        "service_tier": "flex",
        "reasoning_effort": "minimal",
        "verbosity": "medium",
        "truncation": "disabled",
        "prompt_cache_retention": "24h",
        "guided_decoding_backend": "xgrammar",
        "response_format": {"type": "json_schema"},
        "chat_template_kwargs": {"enable_thinking": False, "continue_final_message": True},
        "stream_options": {"include_usage": True, "continuous_usage_stats": False},
        "tools": [{"type": "function", "function": {"name": "get_weather", "parameters": {"unit": "celsius"}}}],
    }
    visited = list[str]()

    def visit(text: str, _: Origin, label: str) -> str:
        visited.append(f"{label}: {text}" if label else text)
        return text

    rewrite("chat", body, visit)
    assert len(visited) > len(body)
    assert {text: spans for text in visited if (spans := found(finder, text))} == {}


def test_threads_may_share_it(finder: Rampart):
    texts = [example.text for example in talk(HELD_BACK, 72, seed=5)]
    alone = [finder.find(text) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(finder.find, texts)) == alone


def test_a_file_that_is_no_model_is_told_with_a_remedy(tmp_path: Path):
    file = tmp_path / "rampart.onnx"
    file.write_bytes(b"no model")
    with pytest.raises(ModelError, match="ringfence models pull rampart"):
        Rampart(file, bundled(), Care())


def test_it_opens_no_socket(rampart_weights: Path):
    code = (
        "import sys\n"
        "sys.addaudithook(lambda event, _: sys.exit(event) if event.startswith(('socket.', 'subprocess.')) else None)\n"
        "from pathlib import Path\n"
        "from appliance.privacy.people.gate import bundled\n"
        "from appliance.privacy.people.names import Care, Rampart\n"
        "found = Rampart(Path(sys.argv[1]), bundled(), Care()).find('My name is Katherine Wolczyk')\n"
        "print([span.type for span in found])\n"
    )
    command = [sys.executable, "-c", code, str(rampart_weights)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (run.stdout.strip(), run.stderr) == ("['PERSON']", "")
