"""What every section of the settings is made of: bounded types, and the words that describe a setting."""

from typing import Annotated

from msgspec import Meta, Struct

# Every number is bounded: what passes here fits a database column, a clock and a socket.
Port = Annotated[int, Meta(ge=0, le=65_535)]
Count = Annotated[int, Meta(ge=0, le=10**15)]
Positive = Annotated[int, Meta(ge=1, le=10**15)]
Processes = Annotated[int, Meta(ge=0, le=256)]
Layers = Annotated[int, Meta(ge=0, le=1_000)]
Slots = Annotated[int, Meta(ge=1, le=1_024)]
Tokens = Annotated[int, Meta(ge=0, le=100_000_000)]
Connections = Annotated[int, Meta(ge=1, le=10_000)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Days = Annotated[int, Meta(ge=0, le=3_650)]
Share = Annotated[float, Meta(ge=0, le=1)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Host = Annotated[str, Meta(min_length=1, max_length=255)]


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the settings file."""


def about(text: str, *, secret: bool = False) -> Meta:
    return Meta(description=text, extra={"secret": secret})
