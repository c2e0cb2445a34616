from typing import Any

import msgspec
import pytest
from openai.types import completion_create_params, embedding_create_params
from openai.types.chat import completion_create_params as chat_create_params

from appliance.errors import PrivacyRefused, TooLarge
from appliance.privacy import fields
from appliance.privacy.fields import rewrite, rewrite_json

MARK = "jane@example.net"


# What vLLM takes beside OpenAI's fields, and takes of older forms.
VLLM = {
    "add_generation_prompt", "add_special_tokens", "allowed_token_ids", "bad_words", "best_of", "cache_salt",
    "chat_template", "chat_template_kwargs", "continue_final_message", "documents", "echo", "ec_transfer_params",
    "functions", "function_call", "guided_choice", "guided_decoding_backend", "guided_grammar", "guided_json",
    "guided_regex", "guided_whitespace_pattern", "ignore_eos", "include_reasoning", "include_stop_str_in_output",
    "kv_transfer_params", "length_penalty", "logits_processors", "media_io_kwargs", "messages", "min_p", "min_tokens",
    "mm_processor_kwargs", "normalize", "priority", "prompt", "prompt_embeds", "prompt_logprobs", "prompt_token_ids",
    "reasoning", "repetition_detection", "repetition_penalty", "request_id", "return_token_ids", "return_token_strs",
    "return_tokens_as_token_ids", "skip_special_tokens", "spaces_between_special_tokens", "stop_token_ids",
    "structural_tag", "structured_outputs", "thinking_token_budget", "top_k", "truncate_prompt_tokens",
    "truncation_side", "use_beam_search", "vllm_xargs",
}  # fmt: skip
OPENAI = {
    name
    for params in (
        chat_create_params.CompletionCreateParamsBase,
        completion_create_params.CompletionCreateParamsBase,
        embedding_create_params.EmbeddingCreateParams,
    )
    for name in params.__annotations__
}
MESSAGE = {
    "role", "content", "name", "audio", "function_call", "refusal", "tool_calls", "tool_call_id", "reasoning",
    "reasoning_content", "annotations", "prefix", "unheard_of",
}  # fmt: skip
SHAPES: list[Any] = [MARK, [MARK], {"a": MARK}, {MARK: "a"}, [{"a": [MARK]}], {"type": "text", "text": {"a": MARK}}]


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
    assert function["name"] == "mail_<function>"
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
    assert function["name"] == told["tool_choice"]["function"]["name"] == "<function>"
    assert told["response_format"]["json_schema"]["name"] == "<function>"
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
    body = {"model": MARK, "logit_bias": {"123456": -1.5}, "seed": 123456789, "max_tokens": 12345678, "top_p": None}
    assert hidden(body) == body
    assert seen(body) == []


@pytest.mark.parametrize("task", ["chat", "completions", "embeddings", "tokenize"])
@pytest.mark.parametrize("name", sorted((VLLM | OPENAI | {"unheard_of", "stream"}) - {"model"}))
def test_no_field_takes_a_text_past_the_visit(task, name):
    """Of whatever shape: a text leaves as the visit left it, or the request is refused."""
    for shape in SHAPES:
        try:
            told = hidden({name: shape}, task)
        except PrivacyRefused:
            continue
        assert MARK not in str(told), shape


@pytest.mark.parametrize("name", sorted(MESSAGE))
@pytest.mark.parametrize("role", sorted({*fields.ORIGINS, "critic"}))
def test_no_field_of_a_message_takes_a_text_past_the_visit(role, name):
    for shape in SHAPES:
        try:
            told = hidden({"messages": [{"role": role, name: shape}]})
        except PrivacyRefused:
            continue
        assert MARK not in str(told), shape


def test_openai_s_list_is_read():
    assert {"messages", "prompt", "input", "metadata", "logit_bias", "prediction", "suffix"} <= OPENAI


@pytest.mark.parametrize("task", ["chat", "completions", "embeddings"])
@pytest.mark.parametrize("bias", [MARK, [MARK], {MARK: 1}, {"1": MARK}, {"1": {"a": MARK}}, {"1": 2, MARK: 1}])
def test_a_bias_that_is_none_is_rewritten(task, bias):
    assert MARK not in str(hidden({"logit_bias": bias}, task))


def test_long_numbers_of_tokens_are_texts():
    assert ("4539578763621486", "other", "") in seen({"logit_bias": {"4539578763621486": 1}})
    assert seen({"logit_bias": None}) == []


def test_names_are_context():
    body = {"metadata": {"customer_phone": 5550109999, "imei": "490154203237518"}, "stop": ["xyz"]}
    assert ("5550109999", "other", "customer_phone") in seen(body)
    assert ("490154203237518", "other", "imei") in seen(body)
    assert ("xyz", "other", "") in seen(body)


def test_what_holds_a_value_is_its_context():
    schema = {"properties": {"password": {"type": "string", "default": "x y z", "enum": ["a b c"], "const": "d e f"}}}
    found = seen({"tools": [{"function": {"name": "f", "parameters": schema}}]})
    assert {("x y z", "definition", "password"), ("a b c", "definition", "password")} <= set(found)
    assert ("d e f", "definition", "password") in found
    fields = [{"name": "Wi-Fi key", "value": "x y z"}, {"key": "pin", "values": ["a b c"]}, {"value": "d e f"}]
    found = seen({"metadata": {"fields": fields}})
    assert {("x y z", "other", "Wi-Fi key"), ("a b c", "other", "pin"), ("d e f", "other", "fields")} <= set(found)


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
        ("chat", {"messages": [{"role": "user", "content": [{"type": ["text"]}]}]}, "messages[0].content[0]"),
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
