"""Many callers at once, each request on a connection of its own so that every worker gets its share."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.acceptance.product import CHAT_MODEL, EMBEDDING_MODEL, Appliance

AT_ONCE = 24
# Cheap for the engine, and yet authenticated, admitted, routed, settled and recorded like any other.
TOKENIZE = ("/tokenize", {"model": CHAT_MODEL, "prompt": "Is it up?"})
EMBED = ("/v1/embeddings", {"model": EMBEDDING_MODEL, "input": "Is it up, and since when?"})

Question = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Answer:
    """Status 0 is a connection that was refused or cut."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    at: float = 0.0

    @property
    def request_id(self) -> str:
        return self.headers.get("x-request-id", "")

    @property
    def worker(self) -> str:
        """What the ids of one process have in common."""
        return self.request_id[:-8]

    @property
    def code(self) -> str:
        return str(self.body.get("error", {}).get("code", ""))


def ask(appliance: Appliance, key: str, question: Question = TOKENIZE) -> Answer:
    path, fields = question
    connection = http.client.HTTPConnection("127.0.0.1", appliance.port, timeout=60)
    try:
        headers = {"authorization": f"Bearer {key}", "connection": "close"}
        connection.request("POST", path, json.dumps(fields), headers)
        answer = connection.getresponse()
        body = json.loads(answer.read())
        return Answer(answer.status, body, {name.lower(): value for name, value in answer.getheaders()}, time.time())
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return Answer(0, at=time.time())
    finally:
        connection.close()


def ask_many(appliance: Appliance, key: str, times: int, question: Question = TOKENIZE) -> list[Answer]:
    with ThreadPoolExecutor(AT_ONCE) as callers:
        return list(callers.map(lambda _: ask(appliance, key, question), range(times)))


@contextmanager
def under_load(appliance: Appliance, key: str, callers: int = 8) -> Iterator[list[Answer]]:
    """Callers that go on asking, and every answer they have had so far."""
    answers: list[Answer] = []
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            answer = ask(appliance, key)
            answers.append(answer)
            if not answer.status:
                stop.wait(0.02)

    threads = [threading.Thread(target=go_on) for _ in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()
