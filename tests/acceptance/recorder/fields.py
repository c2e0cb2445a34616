"""Every place of a request in which text can stand."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.acceptance.recorder.case import CHAT, COMPLETIONS, EMBEDDINGS, TOKENIZE, Case, user
from tests.acceptance.recorder.values import Mint

Body = dict[str, Any]
ASKED = user("Go on.")


@dataclass(frozen=True)
class Place:
    name: str
    body: Callable[[str], Body]
    """Takes what stands there."""
    returns: str = "nowhere"
    """Where the caller gets it back: `anywhere`, in `calls` of tools, or nowhere."""
    path: str = CHAT


def places() -> Iterator[Place]:
    yield from _messages()
    yield from _definitions()
    yield from _others()
    yield from _prompts()


def cases(mint: Mint, stream: bool) -> Iterator[Case]:
    for place in places():
        generates = place.path in (CHAT, COMPLETIONS)
        if stream and not generates:
            continue
        for model, comes_back in (("whole", place.returns == "anywhere"), ("whole-call", place.returns != "nowhere")):
            if model == "whole-call" and place.path != CHAT:
                continue
            values = tuple(mint(kind) for kind in ("mail", "German IBAN", "GitHub token"))
            body = place.body("{} and IBAN {} and {}".format(*values))
            yield Case(
                name=f"{place.name}, {model}, stream={stream}",
                path=place.path,
                body={"model": model if generates else "embedder", **({"stream": stream} if generates else {}), **body},
                secrets=values,
                back=values if comes_back else (),
                unseen=() if comes_back else values,
            )


def labelled(mint: Mint, stream: bool) -> Iterator[Case]:
    """Values that only the name beside them gives away, as texts and as numbers."""
    for name, body in LABELLED.items():
        password, phrase, imei, card = (mint(kind) for kind in ("MikroTik password", "password", "IMEI", "card"))
        held = {"wifi_key": password, "device": {"password": phrase, "imei": int(imei)}, "cards": [int(card)]}
        yield Case(
            name=f"{name}, stream={stream}",
            body={"model": "whole", "stream": stream, **body(held)},
            secrets=(password, phrase, imei, card),
        )


def _messages() -> Iterator[Place]:
    for role in ("system", "developer"):
        yield Place(role, lambda text, role=role: _talk({"role": role, "content": text}))
        yield Place(f"parts of {role}", lambda text, role=role: _talk({"role": role, "content": _parts(text)}))
    for role in ("user", "assistant"):
        yield Place(role, lambda text, role=role: _talk({"role": role, "content": text}), "anywhere")
        yield Place(
            f"parts of {role}", lambda text, role=role: _talk({"role": role, "content": _parts(text)}), "anywhere"
        )
        yield Place(
            f"name of {role}",
            lambda text, role=role: _talk({"role": role, "content": "Go on.", "name": text}),
            "anywhere",
        )
    yield Place("refusal", lambda text: _talk({"role": "assistant", "refusal": text}), "anywhere")
    yield Place(
        "reasoning",
        lambda text: _talk({"role": "assistant", "content": "Well.", "reasoning_content": text}),
        "anywhere",
    )
    yield Place("result of a tool", lambda text: _called("{}", text), "anywhere")
    yield Place("parts of a result", lambda text: _called("{}", _parts(text)), "anywhere")
    yield Place("JSON of a tool", lambda text: _called("{}", json.dumps({"rows": [{"text": text}]})), "anywhere")
    yield Place("escaped JSON of a tool", lambda text: _called("{}", escaped(text)), "anywhere")
    yield Place("escaped JSON in a part", lambda text: _called("{}", _parts(escaped(text))), "anywhere")
    yield Place("escaped JSON of the user", lambda text: _talk({"role": "user", "content": escaped(text)}), "anywhere")
    yield Place("arguments", lambda text: _called(json.dumps({"to": text, "deep": [{"to": text}]}), "{}"), "anywhere")
    yield Place("escaped arguments", lambda text: _called(escaped(text), "{}"), "anywhere")
    yield Place("broken arguments", lambda text: _called('{"to": "' + text, "{}"), "anywhere")
    yield Place("name in arguments", lambda text: _called(json.dumps({text: 1}), "{}"), "anywhere")
    yield Place("name of a call", lambda text: _called("{}", "{}", name=text), "calls")
    yield Place("id of a call", lambda text: _called("{}", "{}", id=text), "anywhere")
    yield Place(
        "function call", lambda text: _talk({"role": "assistant", "function_call": _function(text)}), "anywhere"
    )
    yield Place(
        "result of a function", lambda text: _talk({"role": "function", "name": "f", "content": text}), "anywhere"
    )
    yield Place(
        "unknown field of a message",
        lambda text: _talk({"role": "user", "content": "Go on.", "note": [text]}),
        "anywhere",
    )
    yield Place("unknown name in a message", lambda text: _talk({"role": "user", "content": "Go on.", text: 1}))


def _definitions() -> Iterator[Place]:
    def tool(**fields: Any) -> Body:
        return _asked(tools=[{"type": "function", "function": {"name": "f", **fields}}])

    def schema(held: Body) -> Body:
        return {"type": "object", "properties": held}

    definitions: dict[str, Callable[[str], Body]] = {
        "description of a tool": lambda text: tool(description=text),
        "name of a tool": lambda text: tool(name=text[:128]),
        "description of a parameter": lambda text: tool(parameters=schema({"a": {"description": text}})),
        "name of a parameter": lambda text: tool(parameters=schema({text: {"type": "string"}})),
        "default of a parameter": lambda text: tool(parameters=schema({"a": {"default": text}})),
        "choices of a parameter": lambda text: tool(parameters=schema({"a": {"enum": ["b", text]}})),
        "functions": lambda text: _asked(functions=[{"name": "f", "description": text}]),
        "tool choice": lambda text: _asked(tool_choice={"type": "function", "function": {"name": text}}),
        "form of the answer": lambda text: _form(name="n", description=text, schema={}),
        "schema of the answer": lambda text: _form(name="n", schema=schema({"a": {"description": text}})),
        "guided_json": lambda text: _asked(guided_json=schema({"a": {"const": text}})),
        "guided_json as text": lambda text: _asked(guided_json=json.dumps(schema({"a": {"const": text}}))),
        "guided_regex": lambda text: _asked(guided_regex=f"({text}|no)"),
        "guided_choice": lambda text: _asked(guided_choice=[text, "no"]),
        "guided_grammar": lambda text: _asked(guided_grammar=f'root ::= "{text}"'),
        "structured_outputs": lambda text: _asked(structured_outputs={"choice": [text]}),
        "chat_template": lambda text: _asked(chat_template="{{ messages }} " + text),
    }
    for name, body in definitions.items():
        yield Place(name, body, "calls")


def _others() -> Iterator[Place]:
    for name in ("user", "safety_identifier", "prompt_cache_key", "request_id", "guided_whitespace_pattern"):
        yield Place(name, lambda text, name=name: _asked(**{name: text}))
    others: dict[str, Callable[[str], Body]] = {
        "metadata": lambda text: _asked(metadata={"customer": text}),
        "name in metadata": lambda text: _asked(metadata={text: "1"}),
        "stop": lambda text: _asked(stop=text),
        "list of stops": lambda text: _asked(stop=["END", text]),
        "bad_words": lambda text: _asked(bad_words=[text]),
        "prediction": lambda text: _asked(prediction={"type": "content", "content": text}),
        "parts of a prediction": lambda text: _asked(prediction={"type": "content", "content": _parts(text)}),
        "web search": lambda text: _asked(web_search_options={"user_location": {"approximate": {"city": text}}}),
        "documents": lambda text: _asked(documents=[{"title": "a", "text": text}]),
        "chat_template_kwargs": lambda text: _asked(chat_template_kwargs={"customer": text}),
        "vllm_xargs": lambda text: _asked(vllm_xargs={"a": text}),
        "stream_options": lambda text: _asked(stream_options={"include_usage": True, "note": text}),
        "an unknown field": lambda text: _asked(unheard_of={"deep": [{"deeper": [text]}]}),
        "an unknown name": lambda text: _asked(**{text: 1}),
        "logit_bias": lambda text: _asked(logit_bias={text: 1}),
        "a number in words": lambda text: _asked(reasoning_effort=text),
        "seed in disguise": lambda text: _asked(top_k=text),
    }
    for name, body in others.items():
        yield Place(name, body)


def _prompts() -> Iterator[Place]:
    yield Place("prompt", lambda text: {"prompt": text}, "anywhere", COMPLETIONS)
    yield Place("prompts", lambda text: {"prompt": ["Go on.", text]}, "anywhere", COMPLETIONS)
    yield Place("suffix", lambda text: {"prompt": "Go on.", "suffix": text}, "anywhere", COMPLETIONS)
    yield Place("stop of a completion", lambda text: {"prompt": "Go on.", "stop": [text]}, path=COMPLETIONS)
    yield Place("logit_bias of a completion", lambda text: {"prompt": "a", "logit_bias": {text: 1}}, path=COMPLETIONS)
    yield Place("unknown field of a completion", lambda text: {"prompt": "a", "x": {"y": text}}, path=COMPLETIONS)
    yield Place("input", lambda text: {"input": text}, path=EMBEDDINGS)
    yield Place("inputs", lambda text: {"input": ["a", text]}, path=EMBEDDINGS)
    yield Place("user of an embedding", lambda text: {"input": "a", "user": text}, path=EMBEDDINGS)
    yield Place("unknown field of an embedding", lambda text: {"input": "a", "x": {"y": text}}, path=EMBEDDINGS)
    yield Place("logit_bias of an embedding", lambda text: {"input": "a", "logit_bias": text}, path=EMBEDDINGS)
    yield Place("instruction of an embedding", lambda text: {"input": "a", "prompt": text}, path=EMBEDDINGS)
    yield Place("tokenized prompt", lambda text: {"prompt": text}, path=TOKENIZE)
    yield Place("tokenized messages", lambda text: {"messages": user(text)}, path=TOKENIZE)


LABELLED: dict[str, Callable[[Any], Body]] = {
    "labelled arguments": lambda held: _called(json.dumps(held), "{}"),
    "labelled result": lambda held: _called("{}", json.dumps(held)),
    "labelled result with line ends": lambda held: _called("{}", json.dumps(held, indent=2)),
    "labelled parts": lambda held: _called("{}", _parts(json.dumps(held))),
    "labelled words of the user": lambda held: _talk({"role": "user", "content": json.dumps(held)}),
    "labelled metadata": lambda held: _asked(metadata=held),
    "labelled documents": lambda held: _asked(documents=[held]),
    "labelled template": lambda held: _asked(chat_template_kwargs=held),
    "labelled unknown": lambda held: _asked(unheard_of=[held]),
    "labelled message": lambda held: _talk({"role": "user", "content": "Go on.", **held}),
    "labelled body": lambda held: _asked(**held),
    "values beside their names": lambda held: _called(json.dumps(_listed(held)), "{}"),
    "labelled defaults": lambda held: _asked(tools=[_tool_with(held)]),
    "labelled choices": lambda held: _asked(tools=[_tool_with(held, lambda each: {"enum": [each]})]),
}


def _tool_with(held: Any, described: Callable[[Any], Body] = lambda each: {"type": "string", "default": each}) -> Body:
    """A tool whose parameters have these values."""
    properties = {name: described(each) for name, each in _flat(held).items()}
    return {"type": "function", "function": {"name": "f", "parameters": {"properties": properties}}}


def _listed(held: Any) -> Body:
    return {"fields": [{"name": name, "value": each} for name, each in _flat(held).items()]}


def _flat(held: Any) -> Body:
    return {"wifi_key": held["wifi_key"], **held["device"], "card": held["cards"][0]}


def escaped(text: str) -> str:
    """JSON in which no letter of it is seen."""
    return '{"text": "' + "".join(f"\\u{ord(sign):04x}" for sign in text) + '"}'


def _parts(text: str) -> list[Body]:
    return [{"type": "text", "text": "Look: "}, {"type": "text", "text": text}]


def _talk(message: Body) -> Body:
    return {"messages": [message, *ASKED]}


def _asked(**fields: Any) -> Body:
    return {"messages": ASKED, **fields}


def _form(**fields: Any) -> Body:
    return _asked(response_format={"type": "json_schema", "json_schema": fields})


def _function(arguments: str, name: str = "f") -> Body:
    return {"name": name, "arguments": arguments}


def _called(arguments: str, result: Any, name: str = "f", id: str = "c1") -> Body:  # noqa: A002  as on the wire
    call = {"id": id, "type": "function", "function": _function(arguments, name)}
    messages = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    return {"messages": [*messages, {"role": "tool", "tool_call_id": id, "content": result}, *ASKED]}
