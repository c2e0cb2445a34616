import json
import tracemalloc

import pytest

from api.schema import openai
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


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        (b'"response_format":{"type":"jane@example.net"}', "response_format.type"),
        (b'"tool_choice":"jane@example.net"', "tool_choice"),
        (b'"tool_choice":"a\\njane@example.net \'x\'"', "tool_choice"),
    ],
)
def test_an_error_names_the_field_and_not_what_stood_there(fields, param):
    with pytest.raises(InvalidRequest) as refused:
        openai.read("chat", chat(fields))
    assert refused.value.param == param
    assert refused.value.message == f"Invalid '{param}': invalid enum value. Change it."


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


RECORD = {"PERSON": ["Jane Roe"], "ADDRESS": ["12 High Street"]}
ASKED = {
    "chat": {"model": "m", "messages": [{"role": "user", "content": "x"}]},
    "completions": {"model": "m", "prompt": "x"},
    "embeddings": {"model": "m", "input": ["x"]},
    "tokenize": {"model": "m", "prompt": "x"},
}


@pytest.mark.parametrize("task", ["chat", "completions", "embeddings", "tokenize"])
def test_what_is_for_ringfence_is_read_and_taken_out(task):
    body = json.dumps({**ASKED[task], "ringfence": {"record": RECORD}}).encode()
    request = openai.read(task, body)
    assert request.record == RECORD
    assert json.loads(openai.for_engines(request, body)) == ASKED[task]


@pytest.mark.parametrize("given", [None, {}, {"record": None}])
def test_it_is_taken_out_also_where_it_says_nothing(given):
    body = json.dumps({**ASKED["chat"], "ringfence": given}).encode()
    assert openai.read("chat", body).record is None
    assert json.loads(openai.for_engines(openai.read("chat", body), body)) == ASKED["chat"]


def test_it_is_taken_out_under_every_spelling_of_its_name():
    body = b'{"ringfence":{},"model":"m","\\u0072ingfence":{},"messages":[{"role":"user","content":"x"}], "x" : 1.50}'
    assert openai.for_engines(openai.read("chat", body), body) == (
        b'{"model":"m","messages":[{"role":"user","content":"x"}],"x":1.50}'
    )


def test_a_body_without_it_is_the_bytes_that_came():
    body = json.dumps(ASKED["chat"]).encode()
    assert openai.for_engines(openai.read("chat", body), body) is body


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ("Jane Roe", "ringfence"),
        ({"recrd": RECORD}, "ringfence"),
        ({"record": ["Jane Roe"]}, "ringfence.record"),
        ({"record": {"PERSON": "Jane Roe"}}, "ringfence.record[...]"),
        ({"record": {"PERSON": ["Jane Roe", 7]}}, "ringfence.record[...][1]"),
        ({"record": {"PERSON": [""]}}, "ringfence.record[...][0]"),
        ({"record": {"PERSON": ["Jane Roe" * 100]}}, "ringfence.record[...][0]"),
        ({"record": {"PERSON": ["Jane Roe"] * 65}}, "ringfence.record[...]"),
        ({"record": {f"T{at}": ["Jane Roe"] for at in range(33)}}, "ringfence.record"),
    ],
)
def test_a_wrong_record_is_refused_and_not_quoted(given, param):
    with pytest.raises(InvalidRequest) as refused:
        openai.read("chat", json.dumps({**ASKED["chat"], "ringfence": given}).encode())
    assert refused.value.param == param
    assert "Jane" not in refused.value.message
