"""What lies in Weaviate: a row for each document, and an entry for each of its passages. Pure."""

from datetime import UTC, datetime
from typing import TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from msgspec import Struct

from ingest.passage import Document, Passage

Properties: TypeAlias = dict[str, str | int | float | list[str]]


class Row(Struct, frozen=True):
    """A document as it is now. Replacing this one object is what makes a change seen."""

    document: Document
    generation: int
    """Of the passages that are its own; all others of the document are not there yet, or no longer."""
    committed: int
    """Nanoseconds since 1970."""
    passages: int


class Entry(Struct, frozen=True):
    passage: Passage
    generation: int


class Room(Struct, frozen=True):
    """Where a tenant's documents are."""

    tenant: str
    shard: str
    width: int
    """Of its vectors; 0: it has none yet."""
    is_leaving: bool = False
    """It was dropped, and perhaps not all of it is gone yet."""


def row_id(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


def entry_ids(row: Row) -> list[UUID]:
    """Of its passages, in their order: they need not be searched for."""
    return [uuid5(NAMESPACE_OID, f"{row.generation}/{place}/{row.document.id}") for place in range(row.passages)]


def row_properties(row: Row) -> Properties:
    own: Properties = {"passages": row.passages, "body": _text(row)}
    return own | _filtered(row.document)


def entry_properties(entry: Entry, document: Document) -> Properties:
    own: Properties = {"generation": entry.generation, "body": _text(entry)}
    return own | _filtered(document)


def room_properties(room: Room) -> Properties:
    return {"body": _text(room)}


def row_of(body: str) -> Row:
    return msgspec.json.decode(body, type=Row)


def entry_of(body: str) -> Entry:
    return msgspec.json.decode(body, type=Entry)


def room_of(body: str) -> Room:
    return msgspec.json.decode(body, type=Room)


def seconds(moment: datetime) -> float:
    """A time without a zone is UTC, as everywhere in the database."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _filtered(document: Document) -> Properties:
    properties: Properties = {
        "document": document.id,
        "collection": document.collection,
        "source": document.source,
        "language": document.language,
        "labels": list(document.labels),
        "access": list(document.access),
    }
    return properties | ({"modified": seconds(document.modified)} if document.modified else {})


def _text(what: Struct) -> str:
    return msgspec.json.encode(what).decode()
