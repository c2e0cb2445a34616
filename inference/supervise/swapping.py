"""A swap of an engine's process for another one, step by step, with the way back. Pure.

Whoever carries it out tells after each step whether it worked.
"""

from collections.abc import Generator
from typing import Literal

Step = Literal["hold", "drain", "stop", "start", "switch", "abandon", "restore"]
"""`hold`: requests wait, the old post leaves. `drain`: until the old one has nothing more to do. `stop`: the old one.
`start`: the new one, until it has produced a token. `switch`: requests go to the new one, the old one leaves.
`abandon`: the new one is stopped. `restore`: the old one is started again, and requests go on, or are refused."""

Outcome = Literal["swapped", "kept", "restored", "lost"]
"""`kept`: the old one never left. `restored`: it is back. `lost`: neither came up."""


def swap(*, beside: bool) -> Generator[Step, bool, Outcome]:
    """Beside the old one where both find room, else in its place."""
    if not beside:
        yield "hold"
        yield "drain"
        yield "stop"
    if not (yield "start"):
        yield "abandon"
        if beside:
            return "kept"
        return "restored" if (yield "restore") else "lost"
    yield "switch"
    if beside:
        yield "drain"
        yield "stop"
    return "swapped"
