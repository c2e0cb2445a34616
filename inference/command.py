"""How a process of an engine is started."""

from collections.abc import Mapping

from msgspec import Struct


class Command(Struct, frozen=True):
    """`environment` comes on top of the supervisor's own."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
