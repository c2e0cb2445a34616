"""Reads the demo's documents, which stand beside this module, one in a line."""

from collections.abc import Iterator
from importlib.resources import files

import msgspec
from msgspec import Struct

from ingest.content import Content
from ingest.passage import Document

FILE = "documents.jsonl"


class Written(Struct, frozen=True):
    """A document as it is stored, and what a reader would make of its file."""

    document: Document
    content: Content


def documents() -> Iterator[Written]:
    decoder = msgspec.json.Decoder(Written)
    with files("ingest.demo").joinpath(FILE).open("rb") as lines:
        for line in lines:
            yield decoder.decode(line)
