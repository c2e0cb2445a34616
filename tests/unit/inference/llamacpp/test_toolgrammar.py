import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import InvalidRequest
from inference.llamacpp.toolgrammar import CallReader, constrain, schema, toolbox

WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
REBOOT = {
    "type": "function",
    "function": {
        "name": "reboot",
        "parameters": {
            "type": "object",
            "properties": {"box": {"$ref": "#/$defs/Box"}},
            "$defs": {"Box": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Box"}]}},
        },
    },
}
ASK = {"messages": [{"role": "user", "content": "Hi"}]}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
arguments = st.dictionaries(st.text(max_size=5), json_values, max_size=3)
sizes = st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=20)


def pieces(text: str, cuts: list[int]) -> list[str]:
    out, at, turn = [], 0, 0
    while at < len(text):
        size = cuts[turn % len(cuts)]
        out.append(text[at : at + size])
        at, turn = at + size, turn + 1
    return out


def read(text: str, cuts: list[int]) -> tuple[CallReader, list[dict[str, Any]]]:
    reader = CallReader()
    return reader, [delta for piece in pieces(text, cuts) for delta in reader.feed(piece)]


@given(st.lists(st.tuples(st.text(max_size=6), arguments), min_size=1, max_size=3), sizes, st.booleans(), st.booleans())
def test_calls_are_read_whatever_the_cuts(
    calls: list[tuple[str, Any]], cuts: list[int], ascii_only: bool, indented: bool
):
    answer = {"tool_calls": [{"name": name, "arguments": given} for name, given in calls]}
    text = json.dumps(answer, ensure_ascii=ascii_only, indent=2 if indented else None)
    reader, deltas = read(text, cuts)
    found: list[list[str]] = []
    for delta in deltas:
        (piece,) = delta["tool_calls"]
        if "id" in piece:
            assert piece["index"] == len(found)
            found.append([piece["function"]["name"], ""])
        found[piece["index"]][1] += piece["function"]["arguments"]
    assert [(name, json.loads(given)) for name, given in found] == calls
    assert reader.finish("stop") == "tool_calls"
    assert reader.finish("length") == "length"


@given(st.text(max_size=40), sizes, st.booleans())
def test_words_are_read_whatever_the_cuts(words: str, cuts: list[int], ascii_only: bool):
    reader, deltas = read(json.dumps({"content": words}, ensure_ascii=ascii_only), cuts)
    assert "".join(delta["content"] for delta in deltas) == words
    assert reader.finish("stop") == "stop"


def test_half_a_surrogate_pair_becomes_a_replacement():
    _, deltas = read('{"content": "a\\ud83d b\\udc00c\\ud83dx"}', [3])
    words = "".join(delta["content"] for delta in deltas)
    assert words.encode()
    assert words.replace("\ufffd", "") == "a bcx"


def test_an_answer_cut_short_keeps_what_it_had():
    reader, deltas = read('{"tool_calls": [{"name": "weather", "arguments": {"city": "Ro', [100])
    assert deltas[-1]["tool_calls"][0]["function"]["arguments"] == '{"city": "Ro'
    assert reader.finish("length") == "length"


def test_without_tools_nothing_is_constrained():
    for body in (ASK, ASK | {"tools": []}, ASK | {"tools": [WEATHER], "tool_choice": "none"}):
        constrained, reads = constrain(body)
        assert not reads
        assert constrained == ASK


@pytest.mark.parametrize(
    ("choice", "parallel", "words", "most"),
    [("auto", None, True, None), ("required", None, False, None), ("required", False, False, 1)],
)
def test_the_schema_follows_the_choice(choice: str, parallel: bool | None, words: bool, most: int | None):
    box = toolbox(ASK | {"tools": [WEATHER], "tool_choice": choice, "parallel_tool_calls": parallel})
    assert box is not None
    form = schema(box)
    assert ("anyOf" in form) == words
    called = form["anyOf"][1] if words else form
    assert called["properties"]["tool_calls"].get("maxItems") == most
    assert called["properties"]["tool_calls"]["minItems"] == 1


def test_a_named_tool_is_the_only_one():
    named = {"type": "function", "function": {"name": "reboot"}}
    box = toolbox(ASK | {"tools": [WEATHER, REBOOT], "tool_choice": named})
    assert box is not None
    assert [tool["name"] for tool in box.tools] == ["reboot"]
    assert (box.required, box.parallel) == (True, False)


def test_definitions_move_to_the_root_under_the_tool_s_name():
    box = toolbox(ASK | {"tools": [REBOOT], "tool_choice": "required"})
    assert box is not None
    form = schema(box)
    call = form["properties"]["tool_calls"]["items"]["anyOf"][0]
    assert call["properties"]["arguments"]["properties"]["box"] == {"$ref": "#/$defs/reboot.Box"}
    assert form["$defs"]["reboot.Box"]["anyOf"][1] == {"$ref": "#/$defs/reboot.Box"}
    assert "$defs" not in call["properties"]["arguments"]


def test_tools_are_described_in_the_system_message_or_before_the_user_s():
    system = {"role": "system", "content": "Be kind."}
    body = {"messages": [system, *ASK["messages"]], "tools": [WEATHER]}
    constrained, reads = constrain(body)
    assert reads
    assert constrained["messages"][0]["content"].startswith("Be kind.\n\nYou can call")
    assert constrained.keys() == {"messages", "response_format"}
    without, _ = constrain(ASK | {"tools": [WEATHER]}, system_role=False)
    assert [message["role"] for message in without["messages"]] == ["user"]
    assert "weather" in without["messages"][0]["content"]
    assert body["messages"][0] == system


def test_earlier_calls_and_results_become_words():
    function = {"name": "weather", "arguments": '{"city": "Rome"}'}
    history = [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c1", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "c1", "content": "Sun"},
    ]
    constrained, _ = constrain({"messages": history})
    said, result = constrained["messages"]
    assert json.loads(said["content"]) == {"tool_calls": [{"name": "weather", "arguments": {"city": "Rome"}}]}
    assert result == {"role": "user", "content": "Result of call c1: Sun"}


@pytest.mark.parametrize("name", ["logprobs", "stop", "response_format"])
def test_what_the_grammar_rules_out_is_refused(name: str):
    with pytest.raises(InvalidRequest) as refused:
        constrain(ASK | {"tools": [WEATHER], name: {"type": "json_object"}})
    assert refused.value.param == name
