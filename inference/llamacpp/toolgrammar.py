"""Tool calls for a model that has not learned them, and for a choice of tools that must be kept.

The tools are described in the system message, a JSON schema holds the model to `{"content": ...}` or
`{"tool_calls": [...]}`, and what it then writes is read back, piece by piece, as OpenAI's deltas.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from appliance.errors import InvalidRequest

Body = dict[str, Any]
Delta = dict[str, Any]

NOT_WITH_TOOLS = ("logprobs", "top_logprobs", "stop", "response_format")


class Toolbox(Struct, frozen=True):
    """The tools of one request and how they may be used."""

    tools: tuple[Mapping[str, Any], ...]
    required: bool
    parallel: bool


def toolbox(body: Body) -> Toolbox | None:
    """None when no tool may be called."""
    functions = tuple(tool["function"] for tool in body.get("tools") or ())
    choice = body.get("tool_choice") or "auto"
    if choice == "none" or (choice == "auto" and not functions):
        return None
    if not functions:
        raise InvalidRequest("tool_choice asks for a tool and `tools` names none. Send `tools`.", param="tool_choice")
    named = choice["function"]["name"] if isinstance(choice, dict) else None
    if named is not None:
        functions = tuple(function for function in functions if function["name"] == named)
        if not functions:
            raise InvalidRequest(
                f"tool_choice: {named!r} is not one of `tools`. Name one that is.", param="tool_choice"
            )
    parallel = body.get("parallel_tool_calls") is not False
    return Toolbox(functions, required=choice != "auto", parallel=parallel and named is None)


def constrain(body: Body, *, system_role: bool = True) -> tuple[Body, bool]:
    """The body without tools, and whether its answer must be read with a `CallReader`."""
    box = toolbox(body)
    left = {key: value for key, value in body.items() if key not in ("tools", "tool_choice", "parallel_tool_calls")}
    messages = flatten(body["messages"])
    if box is None:
        return left | {"messages": messages}, False
    for name in NOT_WITH_TOOLS:
        if body.get(name) not in (None, False, {"type": "text"}):
            raise InvalidRequest(
                f"{name} cannot be used together with tools on this model. Leave out one of the two.",
                param=name,
            )
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema(box)}}
    return left | {"messages": _instruct(messages, describe(box), system_role), "response_format": form}, True


def schema(box: Toolbox) -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    calls = {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [_call(tool, definitions) for tool in box.tools]},
    }
    if not box.parallel:
        calls["maxItems"] = 1
    called = _object(tool_calls=calls)
    if box.required:
        return called | {"$defs": definitions}
    return {"anyOf": [_object(content={"type": "string", "minLength": 1}), called], "$defs": definitions}


def _call(tool: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    parameters = tool.get("parameters") or {"type": "object", "properties": {}, "additionalProperties": False}
    # References start at the root of the whole schema, so definitions move up there under a name of their own.
    lifted = dict(parameters)
    for place in ("$defs", "definitions"):
        for name, definition in lifted.pop(place, {}).items():
            definitions[f"{tool['name']}.{name}"] = _repoint(definition, tool["name"])
    return _object(name={"const": tool["name"]}, arguments=_repoint(lifted, tool["name"]))


def _repoint(node: Any, tool: str) -> Any:
    if isinstance(node, list):
        return [_repoint(item, tool) for item in node]
    if not isinstance(node, dict):
        return node
    moved = {key: _repoint(value, tool) for key, value in node.items()}
    reference = moved.get("$ref")
    if isinstance(reference, str):
        moved["$ref"] = re.sub(r"^#/(?:\$defs|definitions)/", f"#/$defs/{tool}.", reference)
    return moved


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def describe(box: Toolbox) -> str:
    tools = "\n".join(json.dumps(dict(tool), ensure_ascii=False) for tool in box.tools)
    call = 'To call tools, answer {"tool_calls": [{"name": "...", "arguments": {...}}]}.'
    talk = "" if box.required else ' To answer in words, answer {"content": "..."}.'
    return f"You can call these tools:\n{tools}\n{call}{talk} Answer with JSON only."


def _instruct(messages: list[Any], text: str, system_role: bool) -> list[Any]:
    first = messages[0] if messages else {}
    role = "system" if system_role else "user"
    if first.get("role") == role:
        return [first | {"content": f"{first['content']}\n\n{text}"}, *messages[1:]]
    return [{"role": role, "content": text}, *messages]


def flatten(messages: list[Any]) -> list[Any]:
    """Earlier calls and their results, in the words that the model is now held to."""
    return [_flatten(message) for message in messages]


def _flatten(message: Any) -> Any:
    if message.get("role") == "tool":
        return {"role": "user", "content": f"Result of call {message.get('tool_call_id')}: {message['content']}"}
    if not message.get("tool_calls"):
        return message
    calls = [
        {"name": call["function"]["name"], "arguments": _parsed(call["function"].get("arguments"))}
        for call in message["tool_calls"]
    ]
    said = json.dumps({"tool_calls": calls}, ensure_ascii=False)
    return {"role": "assistant", "content": f"{message['content']}\n{said}" if message["content"] else said}


def _parsed(arguments: str | None) -> Any:
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments


HEAD = re.compile(r'\s*\{\s*"(?:content"\s*:\s*(?P<content>")|tool_calls"\s*:\s*\[)')
CALL = re.compile(r'\s*,?\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments"\s*:\s*(?=\{)')
HIGH = r"\\u[dD][89abAB][0-9a-fA-F]{2}"  # the first half of a surrogate pair waits for what follows it
LETTERS = re.compile(
    rf'(?:[^"\\]|\\["\\/bfnrt]|(?!{HIGH})\\u[0-9a-fA-F]{{4}}|{HIGH}(?:\\u[0-9a-fA-F]{{4}}|(?=[^\\]|\\[^u])))+'
)
STRUCTURE = re.compile(r'[{}\[\]"\\]')


class CallReader:
    """Turns the constrained answer, as it is written, into deltas: `content`, or `tool_calls`."""

    def __init__(self) -> None:
        self._pending = ""
        self._step = self._read_head
        self._depth = 0
        self._quoted = False
        self.calls = 0

    def feed(self, text: str) -> list[Delta]:
        self._pending += text
        deltas = []
        while (delta := self._step()) is not None:
            deltas += [delta] if delta else []
        return deltas

    def finish(self, reason: str) -> str:
        return "tool_calls" if self.calls and reason == "stop" else reason

    def _take(self, end: int) -> str:
        taken, self._pending = self._pending[:end], self._pending[end:]
        return taken

    def _read_head(self) -> Delta | None:
        """A step returns what it read, an empty delta to go on with the next step, or None to wait."""
        match = HEAD.match(self._pending)
        if match is None:
            return None
        self._take(match.end())
        self._step = self._read_content if match["content"] else self._read_call
        return {}

    def _read_content(self) -> Delta | None:
        match = LETTERS.match(self._pending)
        if match is None:
            return None
        letters: str = json.loads(f'"{self._take(match.end())}"', strict=False)
        # A lone surrogate has no UTF-8 form.
        return {"content": letters.encode("utf-16", "surrogatepass").decode("utf-16", "replace")}

    def _read_call(self) -> Delta | None:
        match = CALL.match(self._pending)
        if match is None:
            return None
        self._take(match.end())
        self._step = self._read_arguments
        self.calls += 1
        function = {"name": json.loads(match[1]), "arguments": ""}
        opened = {"index": self.calls - 1, "id": f"call_{secrets.token_hex(12)}", "type": "function"}
        return {"tool_calls": [opened | {"function": function}]}

    def _read_arguments(self) -> Delta | None:
        piece = self._take(self._end_of_arguments())
        if not piece:
            return None
        return {"tool_calls": [{"index": self.calls - 1, "function": {"arguments": piece}}]}

    def _end_of_arguments(self) -> int:
        """How much of what is pending belongs to the arguments."""
        for position, sign in _structure(self._pending):
            if sign == '"':
                self._quoted = not self._quoted
            elif self._quoted:
                continue
            elif sign in "{[":
                self._depth += 1
            else:
                self._depth -= 1
            if not self._depth:
                self._step = self._close_call
                return position + 1
        # A backslash at the very end belongs to the sign that comes next.
        trailing = len(self._pending) - len(self._pending.rstrip("\\"))
        return len(self._pending) - trailing % 2

    def _close_call(self) -> Delta | None:
        match = re.match(r"\s*\}", self._pending)
        if match is None:
            return None
        self._take(match.end())
        self._step = self._read_call
        return {}


def _structure(text: str) -> Iterator[tuple[int, str]]:
    """The signs that open and close, without those that a backslash makes into letters."""
    position = 0
    while match := STRUCTURE.search(text, position):
        position = match.end()
        if match[0] == "\\":
            position += 1
        else:
            yield match.start(), match[0]
