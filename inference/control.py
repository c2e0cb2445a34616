"""What is said over the supervisor's socket: JSON, one message a line. Its folder is open to its owner only.

A worker begins with `Follow` and then gets a `Roster` at each change. Anybody else begins with an `Order` and gets
`Said` while it is carried out, then `Done` or `Refused`.
"""

from pathlib import Path
from typing import Literal

from msgspec import Struct

from inference.local import socket_path
from inference.roster import Adapter

State = Literal["stopped", "placing", "starting", "warming", "serving", "draining", "waiting", "failed"]
"""Of one engine. `placing`: no GPU is free for it; `waiting`: it crashed and is started again soon; `failed`: it is
not, until somebody says `start`."""

Verb = Literal["list", "start", "stop", "swap", "logs", "why", "load", "unload", "trust"]

# No engine is called so.
SOCKET = "the supervisor"
LONGEST_LINE = 1 << 20


class Follow(Struct, frozen=True, tag="follow"):
    worker: str


class Order(Struct, frozen=True, kw_only=True, tag="order"):
    verb: Verb
    engine: str = ""
    model: str = ""
    """swap: another model of the shelf; empty: the same one, in a fresh process."""
    precision: str = ""
    weights: str = ""
    adapter: str = ""
    """load, unload: its model id."""
    folder: str = ""
    tenants: tuple[str, ...] = ()
    gpu: str = ""
    """trust: the number or UUID of a GPU that was set aside."""
    lines: int = 100
    follow: bool = False
    """logs: go on with what it writes from now on."""
    wait: bool = True
    """Until it is carried out; else `Done` comes as soon as it is accepted."""


class Status(Struct, frozen=True, kw_only=True):
    """One engine that runs here, for people."""

    engine: str
    kind: Literal["llamacpp", "vllm"]
    state: State
    model: str
    """Of the shelf, or the weights' name."""
    names: tuple[str, ...] = ()
    """The model ids that callers use."""
    precision: str = ""
    gpus: tuple[str, ...] = ()
    pid: int | None = None
    seconds: float = 0.0
    """In this state."""
    progress: str = ""
    """While it starts, such as `loading weights 40%`."""
    restarts: int = 0
    reason: str = ""
    """Why it is in this state, in one sentence with a remedy, where that is not plain."""
    running: int = 0
    waiting: int = 0
    adapters: tuple[Adapter, ...] = ()
    swapping: str = ""
    """What a swap is doing now, such as `mistral-nemo-12b-instruct: warming`."""


class Crash(Struct, frozen=True, kw_only=True):
    """Why a process ended that was not told to."""

    at: float
    """Seconds since the epoch."""
    how: str
    """Such as `exited with 1`, `killed by SIGKILL`, `hung: 3 requests ran and no token came for 30 s`."""
    cause: str = ""
    """In plain words with the remedy, where its last lines tell: such as memory that did not suffice."""
    lines: tuple[str, ...] = ()


class Said(Struct, frozen=True, tag="said"):
    text: str


class Done(Struct, frozen=True, kw_only=True, tag="done"):
    engines: tuple[Status, ...] = ()
    """list, start, stop, swap, load, unload: as they are now."""
    crashes: tuple[Crash, ...] = ()
    """why: the latest last."""
    set_aside: dict[str, str] = {}
    """GPUs that no engine is started on, by UUID, and the fault of each, with the remedy."""


class Refused(Struct, frozen=True, tag="refused"):
    code: str
    """Of `appliance.errors`: the error that was raised, so that every door answers as the tree says."""
    message: str


def socket_of(var: Path) -> Path:
    return socket_path(SOCKET, var)
