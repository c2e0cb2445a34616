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


class Called(Struct, frozen=True):
    """What callers know an engine by."""

    engine: str
    """Its name in the settings."""
    names: tuple[str, ...]
    """Models it answers to, as vLLM knows them; the first is the one in its answers."""
    adapters: tuple[Adapter, ...] = ()

    def answers_to(self, model: str, tenant: str) -> bool:
        return model in self.names or any(each.name == model and each.is_for(tenant) for each in self.adapters)


class Post(Called, frozen=True, kw_only=True):
    """One process that answers."""

    id: str
    """Of this process, such as `chat.3`; it never comes again."""
    socket: str
    embeds: bool = False
    """Its model makes embeddings and no text."""
    leaving: bool = False
    """It gets no new requests, now and ever; what it has not begun to answer may be asked of another one."""


class Hold(Called, frozen=True):
    """An engine that is swapped in place: requests for these models wait until it has a post again."""


class Absence(Called, frozen=True, kw_only=True):
    """An engine without a post that nobody waits for: it starts, crashed, or was stopped."""

    reason: str
    """Why callers get 503, such as `it is starting: loading weights 40%`."""
    stopped: bool = False
    """Somebody said so: the appliance is ready without it."""

    @property
    def trouble(self) -> str:
        return f"{self.engine}: {self.reason.rstrip('.')}"


class Roster(Struct, frozen=True, kw_only=True, tag="roster"):
    version: int
    posts: tuple[Post, ...] = ()
    holds: tuple[Hold, ...] = ()
    absent: tuple[Absence, ...] = ()
    """Where one is missing here, workers say what they last knew of it."""


class Seen(Struct, frozen=True, tag="seen"):
    """A worker's answer to each roster, and again when the last request of a leaving post is over."""

    version: int
    in_flight: dict[str, int]
    """Requests of this worker by post; those without any are not named."""
