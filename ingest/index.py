"""The seam to where passages live: in this process's files, or in Weaviate. One contract, one test suite, two sides."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ingest.passage import Document, Passage

Vectors = NDArray[np.float32]
"""One row for each passage, of length 1."""
Vector = NDArray[np.float32]


class Filter(Struct, frozen=True, kw_only=True):
    """Empty: no restriction. Several values of one field: any of them."""

    collections: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    since: datetime | None = None
    """Changed then or later; a document whose time is not known is left out."""
    until: datetime | None = None
    """Changed before."""


class Query(Struct, frozen=True, kw_only=True):
    text: str
    """For keywords; empty: vector only."""
    vector: Vector | None = None
    """None: keywords only."""
    readers: frozenset[str]
    """Who asks, as `Document.access` names them. A document without one of them does not exist for this query:
    it is left out before anything is ranked or counted."""
    among: Filter = Filter()
    limit: int = 10
    alpha: float = 0.5
    """Of a hybrid query: 0 is keywords alone, 1 is vectors alone. It is always set."""


class Hit(Struct, frozen=True, kw_only=True):
    document: Document
    passage: Passage
    score: float
    """Fused, 0 to 1."""
    keyword: float = 0.0
    """BM25, as the index counts it; 0: not found by keywords."""
    similarity: float = 0.0
    """Cosine; 0: not found by vector."""


class Stored(Struct, frozen=True):
    """A document as it lies in the index."""

    document: Document
    passages: tuple[Passage, ...]
    vectors: Vectors


class Count(Struct, frozen=True):
    documents: int
    passages: int


class Index(Protocol):
    """Each call names its tenant, and nothing crosses from one to another.

    A reader sees a document as it was before or after a change, never half of it.
    """

    async def put(self, tenant: str, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        """The document as it is from now on, in one step; an older version than the one there changes nothing."""
        ...

    async def put_all(self, tenant: str, batch: Sequence[Stored]) -> None:
        """Several documents as `put` takes one, all in one step: far quicker for many."""
        ...

    async def describe(self, tenant: str, document: Document) -> bool:
        """Title, labels or access as they are from now on, its passages as they are; false: it is not there."""
        ...

    async def delete(self, tenant: str, documents: Collection[str]) -> int:
        """Gone from keywords, vectors and counts when it returns. How many there were."""
        ...

    async def drop(self, tenant: str, collection: str = "") -> int:
        """All documents of a collection, or of the tenant, and the files they were in. How many there were."""
        ...

    async def search(self, tenant: str, query: Query) -> list[Hit]:
        """The best first; equal scores in the order of passage ids, so that the same question has the same answer."""
        ...

    async def count(self, tenant: str, readers: frozenset[str], among: Filter | None = None) -> Count: ...

    async def vectors(self, tenant: str, document: str) -> Mapping[str, Vector]:
        """Of its passages, by their digest: what has not changed is not embedded again."""
        ...

    def scan(self, tenant: str, after: str = "") -> AsyncIterator[Stored]:
        """Every document in the order of ids, for checks and moves. No access rule applies."""
        ...

    async def tenants(self) -> list[str]: ...

    async def close(self) -> None: ...
