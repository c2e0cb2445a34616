"""What a check found, and what mends it."""

from typing import Literal

from msgspec import Struct

from appliance.errors import RingfenceError

State = Literal["ok", "warn", "fail"]


class Finding(Struct, frozen=True):
    name: str
    state: State
    text: str
    remedy: str = ""


def ok(name: str, text: str) -> Finding:
    return Finding(name, "ok", text)


def warn(name: str, text: str, remedy: str) -> Finding:
    return Finding(name, "warn", text, remedy)


def fail(name: str, text: str, remedy: str) -> Finding:
    return Finding(name, "fail", text, remedy)


def refusal(name: str, error: RingfenceError) -> Finding:
    return fail(name, *parted(error.message))


def parted(message: str) -> tuple[str, str]:
    """The problem and the remedy, with which every message ends."""
    problem, _, remedy = message.partition(". ")
    return problem, remedy or "See the log."
