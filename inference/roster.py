"""Which processes of engines run here, as the supervisor tells each worker, and what workers tell it back.

The supervisor says it at every change. A worker answers with what it has seen, so that no engine is stopped while a
worker would still send to it.
"""

from msgspec import Struct

from appliance.settings import EVERYBODY


class Adapter(Struct, frozen=True):
    """A LoRA that an engine has loaded: a model id of its own, for some tenants."""

    name: str
    tenants: tuple[str, ...]

    def is_for(self, tenant: str) -> bool:
        return EVERYBODY in self.tenants or tenant in self.tenants


class Post(Struct, frozen=True, kw_only=True):
    """One process that answers."""

    id: str
    """Of this process, such as `chat.3`; it never comes again."""
    engine: str
    """Its name in the settings."""
    socket: str
    names: tuple[str, ...]
    """Models it answers to, as vLLM knows them; the first is the one in its answers."""
    adapters: tuple[Adapter, ...] = ()
    leaving: bool = False
    """It gets no new requests; what it has not begun to answer may be asked of another one."""


class Hold(Struct, frozen=True):
    """An engine that is swapped in place: requests for these models wait until it has a post again."""

    engine: str
    names: tuple[str, ...]


class Roster(Struct, frozen=True, kw_only=True, tag="roster"):
    version: int
    posts: tuple[Post, ...] = ()
    holds: tuple[Hold, ...] = ()


class Seen(Struct, frozen=True, tag="seen"):
    """A worker's answer to each roster, and again when the last request of a leaving post is over."""

    version: int
    in_flight: dict[str, int]
    """Requests of this worker by post; those without any are not named."""
