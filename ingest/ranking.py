"""How candidates become an answer, the same in every index of ours. Pure."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ingest.fusion import Fusion, Scores
from ingest.index import Query

LEAST_CANDIDATES = 100
MOST_HITS = 1000


class Candidates(Struct, frozen=True):
    """The best by keywords and the best by vector, each with both of its scores."""

    ids: Sequence[str]
    keywords: Scores
    similarities: Scores


def hits_of(query: Query) -> int:
    return max(0, min(query.limit, MOST_HITS))


def candidates_of(query: Query) -> int:
    """From each side: more than are wanted, because the other side may think better of them."""
    return max(LEAST_CANDIDATES, 2 * hits_of(query))


def uses_keywords(query: Query) -> bool:
    return bool(query.text) and (query.alpha < 1 or query.vector is None)


def uses_vector(query: Query) -> bool:
    return query.vector is not None and (query.alpha > 0 or not query.text)


def ranked(found: Candidates, query: Query, fusion: Fusion) -> list[tuple[int, float]]:
    """The places of the best among the candidates with their scores; equal ones in the order of ids."""
    scores = np.round(_scores(found, query, fusion), 6).tolist()
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], found.ids[place]))
    return [(place, scores[place]) for place in order[: hits_of(query)]]


def _scores(found: Candidates, query: Query, fusion: Fusion) -> Scores:
    if not uses_keywords(query):
        return np.clip(found.similarities, 0.0, 1.0)
    return fusion(found.keywords, found.similarities, query.alpha if uses_vector(query) else 0.0)


def rounded_keywords(scores: NDArray[np.floating]) -> Scores:
    """Sums in another order differ in their last digits; those must not decide between equals."""
    return scores.astype(np.float64).round(4)


def rounded_similarities(scores: NDArray[np.floating]) -> Scores:
    return scores.astype(np.float64).round(5)
