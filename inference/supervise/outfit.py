"""One process of an engine that is to be: what its keeper, the roster and the placement need to know."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from appliance.settings import AdapterSettings, EngineSettings
from inference.command import Command
from inference.engine import Engine
from inference.roster import Post
from inference.supervise.decided import Wanted
from inference.supervise.keeper import Kept
from inference.supervise.placement import NoPlace, Taken, Way


class Outfit(Struct, frozen=True, kw_only=True):
    model: str
    kept: Kept
    connect: Callable[[], Engine]
    post: Post | None = None
    """None: workers find it without the roster."""
    taken: Taken | None = None
    gpus: tuple[str, ...] = ()
    """Their numbers."""
    precision: str = ""
    way: Way = "in place"
    """How it comes to stand where the old one stood."""
    copies: Mapping[str, Path] = {}
    """Of the adapters that it has from its start: the model id and the folder."""
    bring: Callable[[AdapterSettings], Path] | None = None
    """Judges another adapter for it, and makes the copy that it loads; None: it takes none."""
    again: Callable[[Mapping[str, Path]], Command] | None = None
    """The same process with other adapters, for its next start."""


class Request(Struct, frozen=True, kw_only=True):
    engine: EngineSettings
    wanted: Wanted
    post: str
    """Its id."""
    aside: Mapping[str, str] = {}
    taken: tuple[Taken, ...] = ()
    old: Taken | None = None
    """Of the one that it takes the place of."""


class Outfitter(Protocol):
    """All of it may take seconds: drivers are asked, folders read."""

    def fit(self, request: Request) -> Outfit | NoPlace:
        """Raises what only a person can mend."""
        ...

    def sweep(self, used: Collection[Path]) -> None:
        """Removes copies of adapters but these."""
        ...
