from typing import Any

import msgspec
import pytest

from appliance.errors import PrivacyRefused, TooLarge
from appliance.privacy import fields
from appliance.privacy.fields import rewrite, rewrite_json

MARK = "jane@example.net"


def hidden(body: dict[str, Any], task: str = "chat") -> dict[str, Any]:
    return rewrite(task, body, lambda text, origin, label: text.replace(MARK, f"<{origin}>"))


def seen(body: dict[str, Any], task: str = "chat") -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []

    def visit(text: str, origin: str, label: str) -> str:
        found.append((text, origin, label))
        return text

    assert rewrite(task, body, visit) == body
    return found


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant", "tool", "function"])
def test_a_message_has_the_origin_of_its_role(role):
    origin = fields.ORIGINS[role]
    for content in (MARK, [{"type": "text", "text": MARK}]):
        message = hidden({"messages": [{"role": role, "content": content, "name": MARK, "refusal": MARK}]})
        assert MARK not in str(message)
        assert f"<{origin}>" in str(message["messages"][0]["content"])
        assert message["messages"][0]["name"] == "<name>"


def test_a_role_that_nobody_knows_is_rewritten_and_reaches_nobody():
    assert hidden({"messages": [{"role": MARK, "content": MARK}]}) == {
        "messages": [{"role": "<other>", "content": "<other>"}]
    }


def test_calls_are_read_as_json():
    arguments = '{"to": "jane\\u0040example.net", "cc": ["jane@example.net"], "jane@example.net": 1, "n": 2, "n": 3}'
    call = {"id": "c", "type": "function", "function": {"name": f"mail_{MARK}", "arguments": arguments}}
    message = {"role": "assistant", "content": None, "tool_calls": [call], "function_call": call["function"]}
    function = hidden({"messages": [message]})["messages"][0]["tool_calls"][0]["function"]
    assert function["name"] == "mail_<name>"
    assert msgspec.json.decode(function["arguments"]) == {
        "to": "<assistant>",
        "cc": ["<assistant>"],
        "<assistant>": 1,
        "n": 3,
    }
    assert function == hidden({"messages": [message]})["messages"][0]["function_call"]


@pytest.mark.parametrize("arguments", ['{"to": "jane@example.net', "jane@example.net", '"jane@example.net"', ""])
def test_calls_that_are_no_object_are_text(arguments):
    message = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}
    function = hidden({"messages": [message]})["messages"][0]["tool_calls"][0]["function"]
    assert function["arguments"] == arguments.replace(MARK, "<assistant>")


def test_results_that_hide_letters_are_read_as_json():
    hiding = '{"to": "jane\\u0040example.net"}'
    result = {"role": "tool", "tool_call_id": "c", "content": hiding}
    assert hidden({"messages": [result]})["messages"][0]["content"] == '{"to":"<tool>"}'
    plain = {"role": "tool", "tool_call_id": "c", "content": '{"to": "x"}'}
    assert ('{"to": "x"}', "tool", "") in seen({"messages": [plain]})


def test_tools_and_forms_of_answers_are_definitions():
    schema = {"properties": {MARK: {"enum": [MARK], "default": MARK, "description": MARK}}, "required": [MARK]}
    body = {
        "tools": [{"type": "function", "function": {"name": MARK, "description": MARK, "parameters": schema}}],
        "tool_choice": {"type": "function", "function": {"name": MARK}},
        "response_format": {"type": "json_schema", "json_schema": {"name": MARK, "schema": schema}},
    }
    told = hidden(body)
    assert MARK not in str(told)
    function = told["tools"][0]["function"]
    assert function["name"] == told["tool_choice"]["function"]["name"] == "<name>"
    assert told["response_format"]["json_schema"]["name"] == "<name>"
    assert function["parameters"]["properties"] == {
        "<definition>": {"enum": ["<definition>"], "default": "<definition>", "description": "<definition>"}
    }


def test_every_other_text_is_rewritten_too():
    told = hidden(
        {
            "user": MARK, "metadata": {"mail": MARK, MARK: [MARK, None, True]}, "stop": [MARK, "x"],
            "unheard_of": [{"deep": [{"deeper": MARK}]}], MARK: MARK, "seed": MARK, "temperature": MARK,
        }
    )  # fmt: skip
    assert MARK not in str(told)


def test_models_and_biases_are_left():
    body = {"model": MARK, "logit_bias": {"12345678": 1}, "seed": 123456789, "max_tokens": 12345678, "top_p": None}
    assert hidden(body) == body
    assert seen(body) == []


def test_names_are_context():
    body = {"metadata": {"customer_phone": 5550109999, "imei": "490154203237518"}, "stop": ["xyz"]}
    assert ("5550109999", "other", "customer_phone") in seen(body)
    assert ("490154203237518", "other", "imei") in seen(body)
    assert ("xyz", "other", "") in seen(body)


def test_long_numbers_are_texts():
    body = {"a": 123456, "b": 1234567, "c": 52.5200066, "d": True, "e": None, "f": 1.5}
    assert {text for text, _, _ in seen(body)} - set(body) == {"1234567", "52.5200066"}
    assert rewrite("chat", body, lambda text, *_: "<x>" if text == "1234567" else text) == {**body, "b": "<x>"}


@pytest.mark.parametrize(("task", "name"), [("completions", "prompt"), ("embeddings", "input"), ("tokenize", "prompt")])
def test_prompts_are_the_users(task, name):
    assert hidden({name: MARK}, task) == {name: "<user>"}
    assert hidden({name: [MARK, "x"]}, task) == {name: ["<user>", "x"]}


@pytest.mark.parametrize(
    ("task", "body", "param"),
    [
        ("completions", {"prompt": [1, 2]}, "prompt"),
        ("completions", {"prompt": [[1], [2]]}, "prompt"),
        ("embeddings", {"input": [1]}, "input"),
        ("completions", {"prompt": "x", "prompt_embeds": "AAAA"}, "prompt_embeds"),
        ("chat", {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0]"),
        ("chat", {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "file": {}}]}]}, None),
        ("chat", {"messages": [{"role": "user"}, {"role": "user", "content": [{}]}]}, "messages[1].content[0]"),
        ("chat", {"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, "messages[0].audio"),
    ],
)
def test_what_cannot_be_read_is_refused(task, body, param):
    with pytest.raises(PrivacyRefused, match="only text can") as refused:
        hidden(body, task)
    assert param is None or refused.value.param == param


def test_depth_and_number_are_bounded():
    deep: Any = MARK
    for _ in range(fields.DEEPEST + 2):
        deep = [deep]
    with pytest.raises(PrivacyRefused, match="flatter"):
        hidden({"metadata": deep})
    with pytest.raises(TooLarge):
        hidden({"metadata": ["some"] * (fields.MOST_TEXTS + 1)})


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ('{"to": "jane@example.net", "n": 1}', '{"to":"<assistant>","n":1}'),
        ('{"to": "jane@example.net", "to": "x"}', '{"to":"x"}'),
        ('{"to": "jane@example.net", "t', '{"to": "<assistant>", "t'),
        ('"jane@example.net"', '"<assistant>"'),
    ],
)
def test_json_of_an_answer_is_rewritten(raw, told):
    assert rewrite_json(raw, lambda text, origin, label: text.replace(MARK, f"<{origin}>")) == told
