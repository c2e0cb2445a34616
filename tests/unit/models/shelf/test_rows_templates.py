"""The chat templates, rendered as vLLM does: Jinja in a sandbox, blocks trimmed, `tojson` without escapes."""

import json
from importlib.resources import files
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

WEATHER = {
    "type": "function",
    "function": {
        "name": "outages",
        "description": "Known outages.",
        "parameters": {"type": "object", "properties": {}},
    },
}
CALL = {
    "id": "chatcmpl-tool-abcdefghi",
    "type": "function",
    "function": {"name": "outages", "arguments": {"zip": "04109"}},
}
TALK = [
    {"role": "system", "content": " Be brief. "},
    {"role": "user", "content": [{"type": "text", "text": "Is the net down?"}]},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": CALL["id"], "content": "none"},
    {"role": "assistant", "content": "No."},
    {"role": "user", "content": "Danke, grüß dich"},
]


def render(template: str, messages: list[dict[str, Any]], **values: Any) -> str:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
    text = files("models").joinpath("templates", template).read_text("utf-8")
    values = {"bos_token": "<bos>", "eos_token": "<eos>", "add_generation_prompt": True, **values}
    return environment.from_string(text).render(messages=messages, **values)


def test_llama_3_speaks_in_turns():
    assert render("llama3_json.jinja", [TALK[0], TALK[-1]]) == (
        "<bos><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nDanke, grüß dich<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n"
    )


def test_llama_3_is_told_its_tools_and_shown_its_calls_as_json():
    text = render("llama3_json.jinja", TALK, tools=[WEATHER])
    system = text.partition("<|eot_id|>")[0]
    assert system.startswith("<bos><|start_header_id|>system<|end_header_id|>\n\nBe brief.\n\nThese functions")
    assert json.dumps(WEATHER) in system
    called = '{"name": "outages", "parameters": {"zip": "04109"}}'
    assert f"<|start_header_id|>assistant<|end_header_id|>\n\n{called}<|eot_id|>" in text
    assert "<|start_header_id|>ipython<|end_header_id|>\n\nnone<|eot_id|>" in text
    assert json.loads(called)["parameters"] == {"zip": "04109"}


def test_llama_3_without_a_system_message_has_one_for_its_tools_only():
    assert "system" not in render("llama3_json.jinja", TALK[-1:])
    assert "system" in render("llama3_json.jinja", TALK[-1:], tools=[WEATHER])


def test_llama_3_parts_several_calls_as_its_parser_expects():
    message = {"role": "assistant", "tool_calls": [CALL, CALL]}
    assert '}}; {"name"' in render("llama3_json.jinja", [message])


def test_llama_4_calls_in_python_and_sees_pictures():
    look = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]}
    function = {"name": "book", "arguments": {"day": "Monday", "urgent": True, "note": None, "visits": 2}}
    call = {"role": "assistant", "tool_calls": [{"function": function}]}
    text = render("llama4_pythonic.jinja", [look, call, TALK[3]], tools=[WEATHER])
    assert "<|header_start|>user<|header_end|>\n\n<|image|>What is this?<|eot|>" in text
    assert '[book(day="Monday", urgent=True, note=None, visits=2)]<|eot|>' in text
    assert text.endswith(
        "<|header_start|>ipython<|header_end|>\n\nnone<|eot|><|header_start|>assistant<|header_end|>\n\n"
    )


def test_mistral_names_its_tools_before_the_last_question():
    text = render("mistral_v3.jinja", TALK, tools=[WEATHER])
    tools = f"[AVAILABLE_TOOLS] {json.dumps([WEATHER])}[/AVAILABLE_TOOLS]"
    assert text == (
        "<bos>[INST] Is the net down?[/INST]"
        '[TOOL_CALLS] [{"name": "outages", "arguments": {"zip": "04109"}, "id": "abcdefghi"}]<eos>'
        '[TOOL_RESULTS] {"content": "none", "call_id": "abcdefghi"}[/TOOL_RESULTS]'
        f" No.<eos>{tools}[INST] Be brief.\n\nDanke, grüß dich[/INST]"
    )


@pytest.mark.parametrize(("given", "order"), [({}, "Given a web search query"), ({"instruction": "Find X"}, "Find X")])
def test_the_reranker_reads_question_and_passage(given: dict[str, str], order: str):
    pair = [{"role": "query", "content": "Q"}, {"role": "document", "content": "P"}]
    text = render("qwen3_reranker.jinja", pair, **given)
    assert f"<Instruct>: {order}" in text
    assert "\n<Query>: Q\n<Document>: P<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n" in text
    assert text.endswith("</think>\n\n")
