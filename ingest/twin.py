"""The index in memory: exact, without files, small. For tests, and for trying things out."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from appliance.errors import InvalidRequest
from ingest import ranking
from ingest.bm25 import prefixed, rarity
from ingest.fusion import Fusion, Scores, relative
from ingest.index import Count, Filter, Hit, Query, Stored, Vector, Vectors
from ingest.passage import Document, Passage
from ingest.ranking import Candidates
from ingest.words import MOST_COMPOUNDS, Asked, Words


class Entry(Struct, frozen=True):
    """A passage, ready to be compared."""

    document: Document
    passage: Passage
    words: Mapping[str, int]
    vector: Vector


class TwinIndex:
    def __init__(self, fusion: Fusion = relative) -> None:
        self._fusion = fusion
        self._words = Words()
        self._stored: dict[str, dict[str, Stored]] = {}
        self._found_by: dict[str, dict[str, list[dict[str, int]]]] = {}

    async def put(self, tenant: str, document: Document, passages: Sequence[Passage], vectors: Vectors) -> None:
        await self.put_all(tenant, [Stored(document, tuple(passages), vectors)])

    async def put_all(self, tenant: str, batch: Sequence[Stored]) -> None:
        for each in batch:
            documents = self._stored.setdefault(tenant, {})
            there = documents.get(each.document.id)
            if there is not None and there.document.version > each.document.version:
                continue
            _check_width(each.vectors.shape[1], documents)
            # As precise as the embedded index keeps them.
            vectors = each.vectors.astype(np.float16).astype(np.float32)
            documents[each.document.id] = Stored(each.document, each.passages, vectors)
            self._found_by.setdefault(tenant, {})[each.document.id] = [
                self._words.of(passage, each.document.language) for passage in each.passages
            ]

    async def describe(self, tenant: str, document: Document) -> bool:
        documents = self._stored.get(tenant, {})
        there = documents.get(document.id)
        if there is None:
            return False
        documents[document.id] = Stored(document, there.passages, there.vectors)
        return True

    async def delete(self, tenant: str, documents: Collection[str]) -> int:
        there = self._stored.get(tenant, {})
        return sum(there.pop(each, None) is not None for each in set(documents))

    async def drop(self, tenant: str, collection: str = "") -> int:
        if not collection:
            return len(self._stored.pop(tenant, {}))
        there = self._stored.get(tenant, {}).values()
        return await self.delete(tenant, [each.document.id for each in there if each.document.collection == collection])

    async def search(self, tenant: str, query: Query) -> list[Hit]:
        entries = [entry for stored in self._seen(tenant, query.readers, query.among) for entry in stored]
        keywords = similarities = np.zeros(len(entries))
        chosen: set[int] = set()

        def ids(places: NDArray[np.intp]) -> list[str]:
            return [entries[place].passage.id for place in places]

        if ranking.uses_keywords(query):
            keywords = ranking.rounded_keywords(_keyword_scores(self._words.asked(query.text), entries))
            having = np.flatnonzero(keywords)
            chosen.update(having[ranking.chosen(keywords[having], query, lambda some: ids(having[some]))].tolist())
        if query.vector is not None and ranking.uses_vector(query) and entries:
            _check_width(len(query.vector), self._stored[tenant])
            vectors = np.stack([each.vector for each in entries])
            similarities = ranking.rounded_similarities(vectors @ query.vector)
            chosen.update(ranking.chosen(similarities, query, ids).tolist())
        places = np.array(sorted(chosen), np.intp)
        found = Candidates(keywords[places], similarities[places])
        best = ranking.ranked(found, query, self._fusion, lambda some: ids(places[some]))
        return [
            Hit(
                document=entries[places[place]].document,
                passage=entries[places[place]].passage,
                score=score,
                keyword=float(found.keywords[place]),
                similarity=float(found.similarities[place]),
            )
            for place, score in best
        ]

    async def count(self, tenant: str, readers: frozenset[str], among: Filter | None = None) -> Count:
        seen = self._seen(tenant, readers, among or Filter())
        return Count(len(seen), sum(map(len, seen)))

    async def vectors(self, tenant: str, document: str) -> Mapping[str, Vector]:
        there = self._stored.get(tenant, {}).get(document)
        return dict(zip([each.digest for each in there.passages], there.vectors, strict=True)) if there else {}

    async def scan(self, tenant: str, after: str = "") -> AsyncIterator[Stored]:
        while following := [each for each in self._stored.get(tenant, {}) if each > after]:
            after = min(following)
            yield self._stored[tenant][after]

    async def tenants(self) -> list[str]:
        return sorted(self._stored)

    async def close(self) -> None:
        self._stored.clear()

    def _seen(self, tenant: str, readers: frozenset[str], among: Filter) -> list[list[Entry]]:
        return [
            [
                Entry(stored.document, *each)
                for each in zip(stored.passages, self._found_by[tenant][name], stored.vectors, strict=True)
            ]
            for name, stored in self._stored.get(tenant, {}).items()
            if not readers.isdisjoint(stored.document.access) and _fits(stored.document, among)
        ]


def _check_width(width: int, documents: Mapping[str, Stored]) -> None:
    known = {each.vectors.shape[1] for each in documents.values()}
    if known - {width}:
        raise InvalidRequest(
            f"The vectors have {width} dimensions and those of the index {known.pop()}. Embed with the same model."
        )


def _fits(document: Document, among: Filter) -> bool:
    one_of = (
        (among.collections, document.collection), (among.documents, document.id),
        (among.sources, document.source), (among.languages, document.language),
    )  # fmt: skip
    if any(wanted and value not in wanted for wanted, value in one_of):
        return False
    if among.labels and set(among.labels).isdisjoint(document.labels):
        return False
    if among.since is None and among.until is None:
        return True
    moment = document.modified and _utc(document.modified)
    return (
        moment is not None
        and (among.since is None or _utc(among.since) <= moment)
        and (among.until is None or moment < _utc(among.until))
    )


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _keyword_scores(asked: Sequence[Asked], entries: Sequence[Entry]) -> Scores:
    scores = np.zeros(len(entries), np.float32)
    vocabulary = sorted({word for each in entries for word in each.words})
    for each in asked:
        longer = [word for word in vocabulary if _is_compound(word, each)][:MOST_COMPOUNDS]
        impacts = np.array([_impact(entry.words, each, longer) for entry in entries], np.uint8)
        scores += impacts * np.float32(rarity(len(entries), int(np.count_nonzero(impacts))))
    return scores.astype(np.float64)


def _is_compound(word: str, asked: Asked) -> bool:
    return bool(asked.prefix) and word.startswith(asked.prefix) and word != asked.prefix and word not in asked.words


def _impact(words: Mapping[str, int], asked: Asked, longer: Sequence[str]) -> int:
    compounds = prefixed(np.array([words[word] for word in longer if word in words] or [0], np.uint8))
    return max(
        int(compounds.max()) * any(word in words for word in longer), *(words.get(word, 0) for word in asked.words)
    )
