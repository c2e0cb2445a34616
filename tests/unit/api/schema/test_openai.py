import tracemalloc

import pytest

from api.schema.openai import CompletionRequest, read
from appliance.errors import InvalidRequest


def chat(more: bytes) -> bytes:
    return b'{"model":"m","messages":[{"role":"user","content":"x"}],%b}' % more


@pytest.mark.parametrize(
    "body",
    [
        chat(b'"extra":' + b"[" * 100_000 + b"]" * 100_000),
        chat(b'"tools":[{"function":{"name":"f","parameters":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}}]"),
    ],
)
def test_a_body_nested_too_deeply_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        read("chat", body)


@pytest.mark.parametrize("more", [b'"extra":"\xff"', b'"\xff":1', b'"extra":"\xed\xa0\x80"'])
def test_what_is_not_utf8_is_refused_wherever_it_stands(more: bytes) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read("chat", chat(more))
    assert caught.value.code == "invalid_json"


@pytest.mark.parametrize("again", [b'"model":"last"', b'"mod\\u0065l":"last"'])
def test_of_two_equal_keys_the_last_counts_as_it_does_for_engines(again: bytes) -> None:
    assert read("chat", chat(again)).model == "last"


@pytest.mark.parametrize("name", ["priority", "kv_transfer_params", "ec_transfer_params"])
def test_callers_do_not_steer_the_engine_itself(name: str) -> None:
    for spelling in (name, f"\\u{ord(name[0]):04x}{name[1:]}"):
        with pytest.raises(InvalidRequest) as caught:
            read("chat", chat(b'"%b":{"a":1}' % spelling.encode()))
        assert caught.value.param == name


@pytest.mark.parametrize(
    ("fields", "answers"),
    [
        (b'"prompt":"x"', 1),
        (b'"prompt":[1,2,3]', 1),
        (b'"prompt":["x","y"],"n":3', 6),
        (b'"prompt":[[1,2],[3]],"best_of":4', 8),
    ],
)
def test_every_text_that_is_asked_for_counts(fields: bytes, answers: int) -> None:
    asked = read("completions", b'{"model":"m",%b}' % fields)
    assert isinstance(asked, CompletionRequest)
    assert asked.answers == answers


@pytest.mark.parametrize(
    "more",
    [
        b'"tools":[{"function":{"name":"f","parameters":{"a":[%b[]]}}}]' % (b"[]," * 200_000),
        b'"response_format":{"type":"json_schema","json_schema":{"a":[%b[]]}}' % (b"[]," * 200_000),
        b'"messages":[{"role":"user","content":[{"type":"text","text":"x","a":[%b[]]}]}]' % (b"[]," * 200_000),
    ],
)
def test_what_only_the_engine_reads_takes_no_memory(more: bytes) -> None:
    body = chat(more)
    tracemalloc.start()
    read("chat", body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000
