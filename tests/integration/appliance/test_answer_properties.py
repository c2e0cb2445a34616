"""What must hold for any answer and any chunking of it, with every pattern that there is."""

import json
import string
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.privacy.kinds import Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.policy import Policy
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.memory import Memory
from appliance.privacy.scanning.scanner import Scanner
from appliance.privacy.span import Span
from appliance.privacy.vault import Vault
from appliance.settings import Answers
from tests.peers.cache import compiled_patterns
from tests.privacy_data.generator import samples

KEY = b"a key of one tenant, 32 bytes...."
MINE = "jane.doe@customer.example"
ASKED = json.dumps({"messages": [{"role": "user", "content": f"I am {MINE}"}]}).encode()
SAMPLES = [each["full_text"] for each in samples(400, "both", 11)]
PROSE = ("Here is what I found: ", "\n\n", "\n- ", " and ", "Dear {mine}, ", "see {mine} ", "password: {mine}\n", ".\n")

noise = st.text(alphabet=string.ascii_letters + string.digits + "_-<>[]{}&;\\'\". \n@éß您", max_size=30)
answers = st.lists(
    st.one_of(st.sampled_from(SAMPLES), st.sampled_from(PROSE), noise.map(lambda text: text.replace("{", "{{}"))),
    min_size=1,
    max_size=5,
).map("".join)
cuts = st.lists(st.integers(0, 3_000), max_size=60)
some = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.fixture(scope="module")
def detector() -> Detector:
    scanner = Scanner(PATTERNS, deadline_seconds=60, floor=Kinds().threshold)
    scanner.prepare(compiled_patterns())
    return Detector(scanner, None, Kinds())


def vault(detector: Detector, policy: Answers) -> tuple[Vault, str]:
    """A vault that knows one value, and its placeholder."""
    of_request = Vault(KEY, detector.find, Policy(answers=policy), Memory(1 << 20))
    sent = json.loads(of_request.seal("chat", ASKED).body)["messages"][0]["content"]
    return of_request, sent.removeprefix("I am ")


def written(answer: str, placeholder: str) -> str:
    return answer.replace("{mine}", placeholder)


def whole(of_request: Vault, text: str) -> tuple[str, str]:
    body = json.dumps({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}).encode()
    (choice,) = json.loads(of_request.restore(body))["choices"]
    return choice["message"]["content"], choice["finish_reason"]


def streamed(of_request: Vault, pieces: Sequence[str]) -> tuple[str, str]:
    stream = of_request.stream()
    raw = b""
    for at, piece in enumerate(pieces):
        choice = {"index": 0, "delta": {"content": piece}, "finish_reason": "stop" if at == len(pieces) - 1 else None}
        raw += stream.feed(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
        if stream.is_over:
            break
    choices = [choice for event in raw.split(b"\n\n") if event for choice in json.loads(event[6:])["choices"]]
    return "".join(each["delta"].get("content", "") for each in choices), choices[-1]["finish_reason"]


def cut(text: str, places: Sequence[int]) -> list[str]:
    bounds = sorted({0, *(place for place in places if place < len(text)), len(text)})
    return [text[start:end] for start, end in pairwise(bounds)] or [""]


@pytest.mark.parametrize("policy", ["mask", "stop"])
@given(answer=answers, places=cuts)
@some
def test_any_chunking_tells_the_same(detector: Detector, policy: Answers, answer: str, places: list[int]) -> None:
    of_request, placeholder = vault(detector, policy)
    text = written(answer, placeholder)
    assert streamed(of_request, cut(text, places)) == whole(of_request, text)


@given(answer=answers)
@some
def test_no_value_that_is_found_in_the_whole_is_told(detector: Detector, answer: str) -> None:
    of_request, placeholder = vault(detector, "mask")
    text = written(answer, placeholder)
    told, _ = whole(of_request, text)
    for value, kind in singles(text, detector.find(text), placeholder):
        assert value not in told, kind


@given(answer=answers)
@some
def test_nothing_behind_a_leak_is_told_where_answers_stop(detector: Detector, answer: str) -> None:
    of_request, placeholder = vault(detector, "stop")
    text = written(answer, placeholder)
    told, finish = whole(of_request, text)
    found = singles(text, detector.find(text), placeholder)
    assert all(value not in told for value, _ in found)
    assert finish == "content_filter" or not found
    if finish == "content_filter":
        assert text.startswith(told.replace(MINE, placeholder))


def singles(text: str, spans: Sequence[Span], placeholder: str) -> list[tuple[str, str]]:
    """Values that stand once in a text: of one that stands twice, what tells it may come with the second."""
    values = Counter(text[each.start : each.end] for each in spans)
    return [
        (value, each.recognizer)
        for each in spans
        if text.count(value := text[each.start : each.end]) == 1
        and values[value] == 1
        and len(value) > 3
        and placeholder[1:-1] not in value
        and value not in placeholder
    ]
