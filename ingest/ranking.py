"""How candidates become an answer, the same in every index of ours. Pure."""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ingest.fusion import Fusion, Scores
from ingest.index import Query

LEAST_CANDIDATES = 100
MOST_HITS = 1000
MOST_TIED = 4096
"""Equals that are put in the order of their ids."""


Ids = Callable[[NDArray[np.intp]], Sequence[str]]
"""The ids of passages by their places: asked only for equals, as that may take a while."""


class Candidates(Struct, frozen=True):
    """The best by keywords and the best by vector, each with both of its scores."""

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


def chosen(scores: Scores, query: Query, ids: Ids) -> NDArray[np.intp]:
    """The places of the candidates of one side, ascending.

    Equals at the end that would not all fit are left out, unless too few for the answer are left without them.
    """
    wanted = candidates_of(query)
    if len(scores) <= wanted:
        return np.arange(len(scores))
    bound = np.partition(scores, -wanted)[-wanted]
    fitting, above = np.flatnonzero(scores >= bound), np.flatnonzero(scores > bound)
    if len(fitting) <= wanted:
        return fitting
    if len(above) >= hits_of(query):
        return above
    tied = np.flatnonzero(scores == bound)[:MOST_TIED]
    return np.sort(np.concatenate([above, _by_id(tied, ids)[: wanted - len(above)]]))


def ranked(found: Candidates, query: Query, fusion: Fusion, ids: Ids) -> list[tuple[int, float]]:
    """The places of the best among the candidates with their scores; equal ones in the order of ids."""
    scores = fused(found, query, fusion).round(6)
    wanted = min(hits_of(query), len(scores))
    if not wanted:
        return []
    best = np.flatnonzero(scores >= np.partition(scores, -wanted)[-wanted])
    best = _by_id(best, ids)
    order = best[np.argsort(-scores[best], kind="stable")][:wanted]
    return list(zip(order.tolist(), scores[order].tolist(), strict=True))


def _by_id(places: NDArray[np.intp], ids: Ids) -> NDArray[np.intp]:
    return places[np.argsort(np.array(ids(places)))]


def fused(found: Candidates, query: Query, fusion: Fusion) -> Scores:
    if not uses_keywords(query):
        return np.clip(found.similarities, 0.0, 1.0)
    return fusion(found.keywords, found.similarities, query.alpha if uses_vector(query) else 0.0)


def rounded_keywords(scores: NDArray[np.floating]) -> Scores:
    """Sums in another order differ in their last digits; those must not decide between equals."""
    return scores.astype(np.float64).round(4)


def rounded_similarities(scores: NDArray[np.floating]) -> Scores:
    return scores.astype(np.float64).round(5)
