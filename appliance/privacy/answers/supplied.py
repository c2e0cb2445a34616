"""What the caller wrote: a value in it is no news to the caller, wherever it comes from in the answer."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from appliance.privacy.scanning.strays import stands_in

PROMPTS = ("prompt", "input", "suffix")
NOT_CALLERS = ("system", "developer")
"""Who answers wrote these, and the caller may not be meant to read them."""
FILE = "data:"
LEAST_SQUEEZED = 8
"""Letters and digits of a value that is also known in another spelling, such as `+1 555 0100 99`."""

_FILL = re.compile(r"[\W_]+")


class Supplied:
    def __init__(self) -> None:
        self._text = ""
        self._squeezed = ""

    def read(self, body: Mapping[str, Any]) -> None:
        self.add(_written(body))

    def add(self, written: Iterable[str]) -> None:
        texts = [text.lower() for text in written]
        self._text = "\0".join([self._text, *texts])
        self._squeezed = "\0".join([self._squeezed, *(_FILL.sub("", text) for text in texts)])

    def holds(self, value: str) -> bool:
        value = value.lower()
        squeezed = _FILL.sub("", value)
        return stands_in(value, self._text) or (len(squeezed) >= LEAST_SQUEEZED and squeezed in self._squeezed)


def _written(body: Mapping[str, Any]) -> Iterator[str]:
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if not isinstance(message, dict) or message.get("role") not in NOT_CALLERS:
            yield from _texts(message)
    yield from _texts([body.get(name) for name in PROMPTS])


def _texts(root: Any) -> Iterator[str]:
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
        elif isinstance(node, str) and not node.startswith(FILE):
            yield node
        elif isinstance(node, int | float):
            yield str(node)
