"""What other systems send to have texts looked at, and what they get."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from api.schema import openai
from appliance.errors import InvalidRequest
from appliance.privacy.catalogue import Entry
from appliance.privacy.span import Span
from appliance.settings import Mode, Place

MOST_TEXTS = 1_000


class TextsRequest(Struct, kw_only=True):
    """One text, or several."""

    text: str | None = None
    texts: Annotated[list[str], Meta(min_length=1, max_length=MOST_TEXTS)] | None = None

    @property
    def all(self) -> list[str]:
        return [self.text] if self.text is not None else self.texts or []


class Scanned(Struct):
    spans: tuple[Span, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(each.type for each in self.spans)


class Anonymized(Struct):
    text: str
    counts: Mapping[str, int]
    """How many finds of each type are not in the text any more."""


class Modes(Struct):
    mode: Mode
    embeddings: Mode


class Types(Struct):
    tenant: str
    policy: Mapping[Place, Modes]
    names: str
    data: list[Entry]


_decoder = msgspec.json.Decoder(TextsRequest)


def read(body: bytes) -> TextsRequest:
    request = openai.decode(_decoder, body)
    if (request.text is None) == (request.texts is None):
        raise InvalidRequest("Give either text or texts.", param="text")
    return request
