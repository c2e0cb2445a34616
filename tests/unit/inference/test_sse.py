import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import EngineFailed
from inference import sse
from inference.messages import Usage

DELTA = b'{"id":"c","choices":[{"index":0,"delta":{"content":"hi"}}]}'
USAGE = b'{"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}'

texts = st.lists(st.text(max_size=20), max_size=8)


def events(words: list[str]) -> bytes:
    return b"".join(sse.frame(msgspec.json.encode({"content": word})) for word in words)


@given(texts, st.lists(st.integers(min_value=1, max_value=30), min_size=1, max_size=40))
def test_any_cutting_of_the_bytes_gives_the_same_events(words: list[str], sizes: list[int]) -> None:
    whole = events(words)
    splitter, out, at, turn = sse.Splitter(), [], 0, 0
    while at < len(whole):
        size = sizes[turn % len(sizes)]
        out.append(splitter.feed(whole[at : at + size]))
        at, turn = at + size, turn + 1
    assert b"".join(out) == whole
    assert all(piece == b"" or piece.endswith(sse.END) for piece in out)
    assert not splitter.pending


def test_an_event_without_end_is_refused_before_memory_is() -> None:
    splitter = sse.Splitter()
    with pytest.raises(EngineFailed):
        for _ in range(20):
            splitter.feed(b"x" * (1 << 20))


@given(texts)
def test_payloads_are_what_was_framed(words: list[str]) -> None:
    assert [msgspec.json.decode(payload)["content"] for payload in sse.payloads(events(words))] == words


def test_usage_is_found_wherever_it_comes() -> None:
    assert sse.usage_in(sse.frame(DELTA) + sse.frame(USAGE)) == Usage(3, 4)
    assert sse.usage_in(sse.frame(DELTA)) is None
    assert sse.usage_in(sse.frame(b'{"choices":[{"index":0}],"usage":null}')) is None


@given(st.text())
def test_no_text_is_taken_for_usage(text: str) -> None:
    said = msgspec.json.encode(
        {"choices": [{"index": 0, "delta": {"content": f'"usage":{{"prompt_tokens":9}}{text}'}}]}
    )
    assert sse.usage_in(sse.frame(said)) is None
    assert sse.for_caller(sse.frame(said), has_usage=False, wants_usage=False) == sse.frame(said)


def test_who_did_not_ask_for_usage_gets_none() -> None:
    both = sse.frame(DELTA) + sse.frame(USAGE)
    assert sse.for_caller(both, has_usage=True, wants_usage=False) == sse.frame(DELTA)
    assert sse.for_caller(sse.frame(USAGE), has_usage=True, wants_usage=False) == b""


def test_usage_on_the_last_delta_is_taken_off_it() -> None:
    last = b'{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}'
    (payload,) = sse.payloads(sse.for_caller(sse.frame(last), has_usage=True, wants_usage=False))
    assert msgspec.json.decode(payload) == {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def test_who_asked_for_usage_gets_null_on_the_other_chunks() -> None:
    raw = sse.for_caller(sse.frame(DELTA) + sse.frame(USAGE), has_usage=True, wants_usage=True)
    delta, usage = (msgspec.json.decode(payload) for payload in sse.payloads(raw))
    assert delta["usage"] is None
    assert usage["usage"]["total_tokens"] == 7


def test_a_token_that_says_usage_is_none() -> None:
    said = sse.frame(b'{"choices":[{"index":0,"delta":{"content":"usage"}}]}')
    (payload,) = sse.payloads(sse.for_caller(said, has_usage=False, wants_usage=True))
    assert msgspec.json.decode(payload)["usage"] is None


def test_an_answer_that_is_not_json_is_the_engines_fault() -> None:
    with pytest.raises(EngineFailed):
        sse.usage_of(b"<html>")
