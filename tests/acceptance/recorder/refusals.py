"""Requests that fail, each with a value inside: what is said of them, and what is kept, must not hold it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.acceptance.recorder.case import CHAT, EMBEDDINGS, chat
from tests.acceptance.recorder.upstream import BREAKERS
from tests.acceptance.recorder.values import Mint

Json = object


@dataclass(frozen=True, kw_only=True)
class Refusal:
    name: str
    status: int
    secret: str
    body: Json = None
    raw: bytes | None = None
    """In place of a body that JSON can say."""
    method: str = "POST"
    path: str = CHAT
    headers: dict[str, str] = field(default_factory=dict)


def wrong(mint: Mint) -> Iterator[Refusal]:
    """Requests that are wrong in themselves."""
    value = mint("mail")
    yield Refusal(name="no JSON", status=400, secret=value, raw=f'{{"messages": "{value}'.encode())
    value = mint("mail")
    yield Refusal(name="no object", status=400, secret=value, body=value)
    value = mint("mail")
    yield Refusal(name="no UTF-8", status=400, secret=value, raw=f'{{"model": "{value}'.encode() + b'\xff"}')
    value = mint("mail")
    yield Refusal(
        name="half a letter",
        status=400,
        secret=value,
        raw=rb'{"model":"plain","messages":[{"role":"user","content":"\ud800 %b"}]}' % value.encode(),
    )
    fields: dict[str, Json] = {
        "temperature": "{}", "messages": "{}", "tools": "{}", "n": "{}", "logit_bias": "{}", "stream": "{}",
        "stop": {"a": "{}"}, "tool_choice": "{}", "response_format": {"type": "{}"}, "user": ["{}"],
        "stream_options": "{}", "priority": "{}", "kv_transfer_params": "{}", "max_tokens": "{}",
    }  # fmt: skip
    for name, held in fields.items():
        value = mint("mail")
        yield Refusal(
            name=f"wrong {name}", status=400, secret=value, body=chat("plain", "hi", **{name: put(held, value)})
        )
    messages: dict[str, Json] = {
        "role": {"role": "{}", "content": "a"}, "content": {"role": "user", "content": {"{}": "{}"}},
        "tool calls": {"role": "assistant", "tool_calls": "{}"}, "message": "{}",
    }  # fmt: skip
    for name, held in messages.items():
        value = mint("mail")
        body = {"model": "plain", "messages": [put(held, value)]}
        yield Refusal(name=f"wrong {name}", status=400, secret=value, body=body)
    value = mint("mail")
    image = [{"type": "image_url", "image_url": {"url": f"https://{value}"}}]
    body = {"model": "plain", "messages": [{"role": "user", "content": image}]}
    yield Refusal(name="image", status=403, secret=value, body=body)
    value = mint("mail")
    yield Refusal(name="image in an unknown part", status=403, secret=value, body={
        "model": "plain", "messages": [{"role": "user", "content": [{"type": value}]}]
    })  # fmt: skip
    value = mint("mail")
    yield Refusal(name="too large", status=413, secret=value, body=chat("plain", value * 60_000))
    value = mint("mail")
    yield Refusal(name="too deep", status=403, secret=value, body=chat("plain", "a", metadata=deep(value)))
    value = mint("mail")
    yield Refusal(name="tokens", status=403, secret=value, path=EMBEDDINGS, body={
        "model": "embedder", "input": [1, 2], "user": value
    })  # fmt: skip
    value = mint("IMEI")
    body = chat("plain", value)
    yield Refusal(name="no key", status=401, secret=value, body=body, headers={"authorization": "Bearer none"})
    value = mint("GitHub token")
    yield Refusal(name="wrong key", status=401, secret=value, body=body, headers={"authorization": f"Bearer {value}"})


def named(mint: Mint) -> Iterator[Refusal]:
    """What a caller asks for by name is named in the error; it must not be kept."""
    value = mint("mail")
    yield Refusal(name="model", status=404, secret=value, body=chat(value, "a"))
    value = mint("mail")
    yield Refusal(name="one model", status=404, secret=value, method="GET", path=f"/v1/models/{value}")
    value = mint("mail")
    yield Refusal(name="path", status=404, secret=value, method="GET", path=f"/v1/customers/{value}")
    value = mint("mail")
    yield Refusal(name="query", status=404, secret=value, method="GET", path=f"/v1/customers?mail={value}")


def looked_at(mint: Mint) -> Iterator[Refusal]:
    """Texts that other systems have looked at: what is said of them holds no value either."""
    for path in ("/v1/privacy/scan", "/v1/privacy/anonymize"):
        value = mint("mail")
        yield Refusal(name=path, status=200, secret=value, path=path, body={"text": f"Mail {value}"})
        value = mint("mail")
        yield Refusal(name=f"wrong {path}", status=400, secret=value, path=path, body={"texts": {"a": value}})


def broken(mint: Mint) -> Iterator[Refusal]:
    """Engines that break, and quote what they were asked."""
    for model in BREAKERS:
        for stream in (False, True):
            value = mint("mail")
            body = chat(model, f"Mail {value} please", stream=stream)
            # What breaks within a stream has been answered with 200 already.
            status = 200 if stream and model in LATE else 502 if stream and model == "is-odd" else BROKEN[model]
            yield Refusal(name=f"{model}, stream={stream}", status=status, secret=value, body=body)


def closed(mint: Mint) -> Iterator[Refusal]:
    """A policy that lets no engine see what is personal."""
    for kind in ("mail", "GitHub token", "German IBAN"):
        value = mint(kind)
        yield Refusal(name=f"policy, {kind}", status=403, secret=value, body=chat("plain", f"It is {value}"))


LATE = ("gives-up", "breaks-off")
BROKEN = {
    "refuses": 400, "fails": 502, "is-busy": 503, "gives-up": 502, "breaks-off": 502, "is-silent": 502,
    "is-odd": 500, "is-no-json": 502,
}  # fmt: skip


def put(held: Json, value: str) -> Json:
    if isinstance(held, dict):
        return {put(name, value): put(each, value) for name, each in held.items()}
    if isinstance(held, list):
        return [put(each, value) for each in held]
    return held.replace("{}", value) if isinstance(held, str) else held


def deep(value: str) -> Json:
    held: Json = value
    for _ in range(110):
        held = [held]
    return held
