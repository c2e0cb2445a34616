"""What is said of engines at `/admin/engines`, and by `ringfence engines`."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from inference.control import Crash, Status

LONGEST = 4096
MOST_TENANTS = 1000

Text = Annotated[str, Meta(max_length=LONGEST)]
Given = Annotated[str, Meta(min_length=1, max_length=LONGEST)]


class Elsewhere(Struct, frozen=True, kw_only=True):
    """A server that Ringfence asks and does not run."""

    engine: str
    server: str
    """Its name in logs and metrics: the engine's, with a number where it has several."""
    kind: Literal["llamacpp", "vllm"]
    ready: bool
    reason: str = ""
    """Why it is not ready."""
    names: tuple[str, ...] = ()
    """The model ids that callers use."""
    running: int = 0
    waiting: int = 0


class Engines(Struct, frozen=True, kw_only=True):
    engines: tuple[Status, ...]
    """Those that run here."""
    elsewhere: tuple[Elsewhere, ...]
    set_aside: Mapping[str, str]
    """GPUs that no engine is started on, by UUID, and the fault of each, with the remedy."""


class Why(Struct, frozen=True, kw_only=True):
    engine: Status
    crashes: tuple[Crash, ...]
    """The latest last."""


class Logs(Struct, frozen=True):
    lines: tuple[str, ...]


class SwapRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a model: a fresh process of the same one."""

    model: Text = ""
    precision: Literal["", "bf16", "fp8", "int4"] = ""
    weights: Text = ""


class AdapterRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    folder: Given
    """On the machine that the appliance runs on."""
    tenants: Annotated[tuple[Given, ...], Meta(min_length=1, max_length=MOST_TENANTS)]
    """Who may use it; `["*"]` for all."""


swap_decoder = msgspec.json.Decoder(SwapRequest)
adapter_decoder = msgspec.json.Decoder(AdapterRequest)

DOCUMENTED = (Engines, Why, Logs, SwapRequest, AdapterRequest)
