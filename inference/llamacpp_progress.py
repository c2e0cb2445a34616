"""Whether a llama.cpp server gets on with its work, by its own counters. Pure."""

import re

from msgspec import Struct

LINE = re.compile(r"^llamacpp:(\w+) ([0-9.e+]+)$", re.MULTILINE)


class Metrics(Struct, frozen=True):
    running: int
    waiting: int
    decodes: int


def read_metrics(text: str) -> Metrics:
    found = {name: float(value) for name, value in LINE.findall(text)}
    return Metrics(
        running=int(found.get("requests_processing", 0)),
        waiting=int(found.get("requests_deferred", 0)),
        decodes=int(found.get("n_decode_total", 0)),
    )


class Progress:
    """Remembers when the count of decodes last moved."""

    def __init__(self, stuck_seconds: float) -> None:
        self._stuck_seconds = stuck_seconds
        self._decodes = -1
        self._moved = 0.0

    def stuck(self, metrics: Metrics, now: float) -> bool:
        if metrics.decodes != self._decodes or not metrics.running:
            self._decodes, self._moved = metrics.decodes, now
        return now - self._moved >= self._stuck_seconds
