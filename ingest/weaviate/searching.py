"""One question to Weaviate, and what it found. The decisions are pure; `ask` is the only call."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from weaviate.classes.query import HybridFusion, MetadataQuery
from weaviate.outputs.query import MetadataReturn

from ingest import ranking
from ingest.fusion import relative
from ingest.index import Filter, Hit, Query
from ingest.ranking import Candidates
from ingest.weaviate.filters import seen_by
from ingest.weaviate.rows import Entry, Row, entry_of, seconds
from ingest.weaviate.shelves import Shelf

FIELDS = ["words", "beginnings^0.6"]
EXPLAINED = re.compile(r"Result Set (keyword|vector),[^:]*: original score ([-+.\de]+)")
COMPARED = 100
MOST_ASKED = 8192
"""For one question: equals at the end, and passages that were just replaced, make it ask for more."""


class Found(Struct, frozen=True):
    entry: Entry
    score: float
    keyword: float
    similarity: float


async def ask(shelf: Shelf, query: Query, words: str, limit: int) -> list[Found]:
    """`words`: of the question as the index has them; empty: by vector alone."""
    seen = seen_by(query.readers, query.among)
    vector = query.vector if ranking.uses_vector(query) else None
    body = ["body"]
    if words and vector is not None:
        answer = await shelf.query.hybrid(
            words, vector=vector.tolist(), alpha=query.alpha, fusion_type=HybridFusion.RELATIVE_SCORE,
            query_properties=FIELDS, filters=seen, limit=limit, return_properties=body,
            return_metadata=MetadataQuery(score=True, explain_score=True),
        )  # fmt: skip
        return [fused(entry_of(str(each.properties["body"])), each.metadata) for each in answer.objects]
    if words:
        answer = await shelf.query.bm25(
            words, query_properties=FIELDS, filters=seen, limit=limit, return_properties=body,
            return_metadata=MetadataQuery(score=True),
        )  # fmt: skip
        scores = [(each.metadata.score or 0.0, 0.0) for each in answer.objects]
    elif vector is not None:
        answer = await shelf.query.near_vector(
            vector.tolist(),
            filters=seen,
            limit=limit,
            return_properties=body,
            return_metadata=MetadataQuery(distance=True),
        )
        scores = [(0.0, 1.0 - (each.metadata.distance or 0.0)) for each in answer.objects]
    else:
        return []
    return _scored([entry_of(str(each.properties["body"])) for each in answer.objects], scores, query)


def first_limit(query: Query, words: str) -> int:
    """One more than is wanted tells whether equals were cut; a hybrid question without words is stretched."""
    stretched = ranking.uses_keywords(query) and not words
    return ranking.candidates_of(query) if stretched else ranking.hits_of(query) + 1


def next_limit(limit: int) -> int:
    """Weaviate compares a hundred of each side in any case, so these come at little cost."""
    return COMPARED if limit < COMPARED else MOST_ASKED


def is_cut_among_equals(found: Sequence[Found], wanted: int, limit: int) -> bool:
    return len(found) == limit and limit > wanted and found[wanted - 1].score == found[-1].score


def own(found: Iterable[Found], rows: dict[str, Row], query: Query) -> list[Found]:
    """Those of the generation that their document has now, and once more only what the reader may see."""
    return [
        each
        for each in found
        if (row := rows.get(each.entry.passage.document)) is not None
        and row.generation == each.entry.generation
        and not query.readers.isdisjoint(row.document.access)
        and _is_among(row, query.among)
    ]


def hits(found: Iterable[Found], rows: dict[str, Row], query: Query) -> list[Hit]:
    best = sorted(found, key=lambda each: (-each.score, each.entry.passage.id))[: ranking.hits_of(query)]
    return [
        Hit(
            document=rows[each.entry.passage.document].document, passage=each.entry.passage, score=each.score,
            keyword=each.keyword, similarity=each.similarity,
        )
        for each in best
    ]  # fmt: skip


def fused(entry: Entry, metadata: MetadataReturn) -> Found:
    """Weaviate tells both scores only in its explanation."""
    told = {side: float(score) for side, score in EXPLAINED.findall(metadata.explain_score or "")}
    score = round(min(1.0, max(0.0, metadata.score or 0.0)), 6)
    return Found(entry, score, round(told.get("keyword", 0.0), 4), round(told.get("vector", 0.0), 5))


def _scored(entries: Sequence[Entry], scores: Sequence[tuple[float, float]], query: Query) -> list[Found]:
    keywords = ranking.rounded_keywords(np.array([keyword for keyword, _ in scores]))
    similarities = ranking.rounded_similarities(np.array([similarity for _, similarity in scores]))
    candidates = Candidates(keywords, similarities)
    scores_of = np.round(ranking.fused(candidates, query, relative), 6).tolist()
    return [Found(*each) for each in zip(entries, scores_of, keywords.tolist(), similarities.tolist(), strict=True)]


def _is_among(row: Row, among: Filter) -> bool:
    """What may have changed between the question and its row."""
    document = row.document
    moment = seconds(document.modified) if document.modified else None
    return (
        (not among.collections or document.collection in among.collections)
        and (not among.labels or not set(among.labels).isdisjoint(document.labels))
        and (among.since is None or (moment is not None and seconds(among.since) <= moment))
        and (among.until is None or (moment is not None and moment < seconds(among.until)))
    )
