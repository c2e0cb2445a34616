"""Sends cases, many at once, and reads what comes back as a client does."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.acceptance.recorder.case import Case
from tests.acceptance.recorder.refusals import Refusal

AT_ONCE = 32
TIMEOUT = 60.0


@dataclass
class Said:
    """What a choice said."""

    text: str = ""
    thought: str = ""
    arguments: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    case: Case
    request_id: str
    status: int
    raw: bytes
    choices: Mapping[int, Said]

    @property
    def words(self) -> str:
        """All that a caller reads or acts on."""
        said = self.choices.values()
        return "\n".join(text for one in said for text in (one.text, one.thought, *one.arguments.values()))


@dataclass(frozen=True)
class Refused:
    refusal: Refusal
    status: int
    raw: bytes


async def send(url: str, key: str, cases: Iterable[Case], prefix: str, at_once: int = AT_ONCE) -> list[Answer]:
    """Each under a request id of its own, by which the engine's records are found."""

    async def one(client: httpx.AsyncClient, number: int, case: Case) -> Answer:
        request_id = f"{prefix}-{number}"
        named = {"x-request-id": request_id, **case.headers}
        response = await client.post(case.path, content=json.dumps(case.body), headers=named)
        return Answer(case, request_id, response.status_code, response.content, _read(response.content))

    async with _client(url, key, at_once) as client:
        return list(await asyncio.gather(*(one(client, number, case) for number, case in enumerate(cases))))


async def send_refusals(url: str, key: str, refusals: Iterable[Refusal]) -> list[Refused]:
    async def one(client: httpx.AsyncClient, refusal: Refusal) -> Refused:
        content = refusal.raw if refusal.body is None else json.dumps(refusal.body).encode()
        response = await client.request(refusal.method, refusal.path, content=content, headers=refusal.headers)
        return Refused(refusal, response.status_code, response.content)

    async with _client(url, key, AT_ONCE) as client:
        return list(await asyncio.gather(*(one(client, refusal) for refusal in refusals)))


def _client(url: str, key: str, at_once: int) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    return httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=TIMEOUT, trust_env=False)


def _read(raw: bytes) -> dict[int, Said]:
    choices: dict[int, Said] = {}
    for held in _payloads(raw):
        for choice in held.get("choices", ()):
            _add(choices.setdefault(choice["index"], Said()), choice)
    return choices


def _payloads(raw: bytes) -> Iterator[dict[str, Any]]:
    if not raw.startswith(b"data: "):
        yield json.loads(raw)
        return
    events = raw.split(b"\n\n")
    yield from (json.loads(event[6:]) for event in events if event and event != b"data: [DONE]")


def _add(said: Said, choice: dict[str, Any]) -> None:
    message = choice.get("delta") or choice.get("message") or {}
    said.text += choice.get("text") or message.get("content") or ""
    said.thought += message.get("reasoning_content") or ""
    for call in message.get("tool_calls") or ():
        index = call.get("index", 0)
        said.arguments[index] = said.arguments.get(index, "") + (call["function"].get("arguments") or "")
