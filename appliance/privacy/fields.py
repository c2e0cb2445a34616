"""Every text in the body of a request, and whose it is. Pure: a body goes in, the same with other texts comes out.

What is not known is not trusted: texts in fields that nobody has heard of are rewritten like all others.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import msgspec

from appliance.errors import PrivacyRefused, TooLarge
from appliance.privacy.scanning.questions import asked_in, is_answer, question

Origin = Literal["user", "assistant", "tool", "system", "definition", "name", "function", "other"]
"""`definition` is what describes tools and forms of answers. `name` and `function` are names of people and of tools:
they keep to letters."""
Visit = Callable[[str, Origin, str], str]
"""Takes a text, its origin and the name it stands under, if it has one; returns what stands there from now on."""

DEEPEST = 100
MOST_TEXTS = 20_000
# What is shorter is nobody's.
LEAST_LETTERS = 3
LEAST_DIGITS = 7
ORIGINS: dict[str, Origin] = {
    "system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool",
    "function": "tool",
}  # fmt: skip
# The router and the engine need it as it is; it is checked against what engines serve.
UNTOUCHED = {"model"}
NUMBERS = {
    "max_tokens", "max_completion_tokens", "n", "temperature", "top_p", "presence_penalty", "frequency_penalty",
    "seed", "top_logprobs", "logprobs", "stream", "best_of", "dimensions",
}  # fmt: skip
BIAS = "logit_bias"
LONGEST_TOKEN = 6
"""Digits of a token's number; there are no vocabularies of a million."""
DEFINITIONS = {
    "tools", "tool_choice", "functions", "function_call", "response_format", "guided_json", "guided_regex",
    "guided_choice", "guided_grammar", "structured_outputs", "chat_template",
}  # fmt: skip
UNREADABLE = {
    "audio", "image", "images", "file", "files", "prompt_embeds", "prompt_token_ids", "multi_modal_data", "tokens",
    "input_ids",
}  # fmt: skip
NAMED = {"function", "functions", "json_schema"}
# What stands below these is told by another name: `"password": {"default": …}`, `{"name": "password", "value": …}`.
SCHEMA = {"default", "enum", "const", "examples"}
VALUES = {"value", "values", "val"}
LABELS = ("name", "key", "label", "field", "param", "parameter", "attribute")
TEXT_PARTS = ("text", "refusal", "input_text", "output_text", "thinking", "reasoning")
# Words of the protocols themselves, which need no look and say nothing about what stands beside them.
KEYWORDS = UNTOUCHED | NUMBERS | DEFINITIONS | {
    BIAS, "messages", "role", "content", "tool_calls", "tool_call_id", "arguments", "prompt", "input", "suffix", "stop",
    "stream_options", "parallel_tool_calls", "metadata", "user", "refusal", "reasoning_content",
    "system", "developer", "assistant", "tool",
    "type", "function", "name", "description", "parameters", "properties", "required", "items", "enum", "default",
    "object", "string", "number", "integer", "boolean", "array", "null", "strict", "json_schema", "schema", "text",
    "anyOf", "oneOf", "allOf", "additionalProperties", "format", "const", "title", "json_object", "auto", "none",
    "include_usage", "id", "index", "encoding_format", "float", "base64", "guided_decoding_backend", "xgrammar",
}  # fmt: skip


def rewrite(task: str, body: dict[str, Any], visit: Visit) -> dict[str, Any]:
    return _Walk(visit).body(task, body)


def rewrite_json(raw: str, visit: Visit) -> str:
    """The arguments of a call, and whatever else an engine wrote as JSON."""
    return _Walk(visit).json(raw, "assistant")


class _Walk:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._left = MOST_TEXTS
        # What the text before asks: told only where a text looks like an answer.
        self._asked: Callable[[], str] = str

    def body(self, task: str, body: dict[str, Any]) -> dict[str, Any]:
        return {self._text(name, "other"): self._field(task, name, value) for name, value in body.items()}

    def _field(self, task: str, name: str, value: Any) -> Any:
        if name in UNTOUCHED or (name in NUMBERS and isinstance(value, int | float | None)):
            return value
        if name == BIAS and _are_biases(value):
            return value
        if name == "messages" and isinstance(value, list):
            return self._messages(value)
        if name in UNREADABLE and value:
            raise _unreadable(name)
        if name in ("prompt", "input", "suffix") and task != "chat":
            return self._prompt(value, name)
        return self._any(value, "definition" if name in DEFINITIONS else "other", name)

    def _prompt(self, value: Any, name: str) -> Any:
        if isinstance(value, list) and any(not isinstance(each, str) for each in value):
            raise _unreadable(name)
        return self._any(value, "user", "")

    def _messages(self, messages: list[Any]) -> list[Any]:
        rewritten = []
        for at, message in enumerate(messages):
            rewritten.append(self._message(message, f"messages[{at}]"))
            self._asked = partial(asked_in, message)
        return rewritten

    def _message(self, message: Any, path: str) -> Any:
        if not isinstance(message, dict):
            return self._any(message, "user", "")
        role = message.get("role")
        origin = ORIGINS.get(role, "other") if isinstance(role, str) else "other"
        return {self._text(name, "other"): self._part_of(name, value, origin, path) for name, value in message.items()}

    def _part_of(self, name: str, value: Any, origin: Origin, path: str) -> Any:
        if value is None or (name == "role" and isinstance(value, str) and value in ORIGINS):
            return value
        if name in UNREADABLE:
            raise _unreadable(f"{path}.{name}")
        if name == "content":
            return self._content(value, origin, f"{path}.content")
        if name == "name":
            return self._any(value, "name", "")
        if name == "tool_calls" and isinstance(value, list):
            return [self._called(each) for each in value]
        if name == "function_call":
            return self._function(value)
        return self._any(value, origin, name)

    def _content(self, content: Any, origin: Origin, path: str) -> Any:
        if isinstance(content, str):
            return self._result(content) if origin == "tool" else self._said(content, origin)
        if not isinstance(content, list):
            return self._any(content, origin, "")
        for at, part in enumerate(content):
            if isinstance(part, dict) and (part.get("type") not in TEXT_PARTS or UNREADABLE & part.keys()):
                raise _unreadable(f"{path}[{at}]")
        return [self._part(part, origin) for part in content]

    def _part(self, part: Any, origin: Origin) -> Any:
        text = part.get("text") if isinstance(part, dict) else None
        if not isinstance(text, str):
            return self._any(part, origin, "")
        rest = self._any({name: value for name, value in part.items() if name != "text"}, origin, "")
        said = self._said(text, origin)
        self._asked = partial(question, text)
        return {**rest, "text": said}

    def _said(self, text: str, origin: Origin) -> str:
        """Where it is the answer to a question, that tells what it is."""
        return self._text(text, origin, self._asked() if is_answer(text) else "")

    def _called(self, call: Any) -> Any:
        if not isinstance(call, dict):
            return self._any(call, "assistant", "")
        return {
            self._text(name, "other"): (
                self._function(value) if name == "function" else self._any(value, "other", name)
            )
            for name, value in call.items()
        }

    def _function(self, function: Any) -> Any:
        if not isinstance(function, dict):
            return self._any(function, "assistant", "")
        return {self._text(name, "other"): self._of_function(name, value) for name, value in function.items()}

    def _of_function(self, name: str, value: Any) -> Any:
        if name == "arguments" and isinstance(value, str):
            return self.json(value, "assistant")
        return self._any(value, "function" if name == "name" else "assistant", name)

    def _result(self, content: str) -> str:
        """JSON is read as the text that it is, because labels stand near values there; not where it hides letters."""
        return self.json(content, "tool") if "\\" in content else self._text(content, "tool")

    def json(self, raw: str, origin: Origin) -> str:
        try:
            held = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return self._text(raw, origin)
        if isinstance(held, str | int | float | None):
            return self._text(raw, origin)
        # Always written anew: where a name stands twice in an object, the first was never seen.
        return msgspec.json.encode(self._any(held, origin, "")).decode()

    def _any(self, node: Any, origin: Origin, label: str, depth: int = 0) -> Any:
        if isinstance(node, str):
            return self._text(node, origin, label)
        if depth > DEEPEST:
            raise PrivacyRefused("The body is nested too deeply to be scrubbed. Send a flatter one.")
        if isinstance(node, dict):
            return self._object(node, origin, label, depth + 1)
        if isinstance(node, list):
            return [self._any(each, origin, label, depth + 1) for each in node]
        if isinstance(node, bool) or node is None:
            return node
        return self._number(node, origin, label)

    def _object(self, node: dict[str, Any], origin: Origin, label: str, depth: int) -> dict[str, Any]:
        names = origin == "definition" and label in NAMED
        holder = next((node[name] for name in LABELS if isinstance(node.get(name), str)), label)
        return {
            self._text(key, origin): self._any(
                value,
                "function" if names and key == "name" else origin,
                label if key in SCHEMA else holder if key in VALUES else key,
                depth,
            )
            for key, value in node.items()
        }

    def _number(self, number: int | float, origin: Origin, label: str) -> int | float | str:
        text = str(number)
        if sum(map(str.isdigit, text)) < LEAST_DIGITS:
            return number
        rewritten = self._text(text, origin, label)
        return number if rewritten == text else rewritten

    def _text(self, text: str, origin: Origin, label: str = "") -> str:
        if len(text) < LEAST_LETTERS or text in KEYWORDS:
            return text
        self._left -= 1
        if self._left < 0:
            raise TooLarge(f"The body holds more than {MOST_TEXTS} texts. Send fewer.")
        return self._visit(text, origin, "" if label in KEYWORDS else label)


def _are_biases(held: Any) -> bool:
    """Numbers of tokens and what they weigh; anything else may be a text."""
    return held is None or (
        isinstance(held, dict)
        and all(token.isdecimal() and len(token) <= LONGEST_TOKEN for token in held)
        and all(isinstance(weight, int | float) for weight in held.values())
    )


def _unreadable(path: str) -> PrivacyRefused:
    return PrivacyRefused(
        f"'{path}' cannot be scrubbed: only text can. Leave it out, send it as text, "
        "or ask your operator for an engine whose policy is `pass`.",
        param=path,
    )
