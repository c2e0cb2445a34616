"""A find: where it is, what it is, how sure that is and who says so."""

from msgspec import Struct


class Span(Struct, frozen=True, order=True):
    """`text[start:end]`, in characters of the text as it was given."""

    start: int
    end: int
    type: str
    score: float
    recognizer: str
