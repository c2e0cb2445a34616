"""One order out of two: what keywords say of passages, and what vectors say. Pure."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Fusion = Callable[[Scores, Scores, float], Scores]

SMOOTHING = 60
"""Of reciprocal ranks, as everybody has it."""


def relative(keywords: Scores, similarities: Scores, alpha: float) -> Scores:
    """Each side stretched to 0 to 1, then mixed: how much better one is than the next still counts."""
    return alpha * _stretched(similarities) + (1 - alpha) * _of_best(keywords)


def reciprocal(keywords: Scores, similarities: Scores, alpha: float) -> Scores:
    """Only places count (RRF). Equals share a place; what has no keyword has no place there."""
    by_keywords = np.where(keywords > 0, _reciprocal_rank(keywords), 0.0)
    return alpha * _reciprocal_rank(similarities) + (1 - alpha) * by_keywords


def _of_best(scores: Scores) -> Scores:
    """BM25 has a zero of its own: no word in common."""
    best = scores.max(initial=0.0)
    return scores / best if best > 0 else np.zeros_like(scores)


def _stretched(scores: Scores) -> Scores:
    """A cosine's zero means nothing: the least similar candidate is the zero."""
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    return (scores - low) / (high - low) if high > low else np.ones_like(scores)


def _reciprocal_rank(scores: Scores) -> Scores:
    """1 for the best."""
    better = len(scores) - np.searchsorted(np.sort(scores), scores, side="right")
    return (SMOOTHING + 1) / (SMOOTHING + 1 + better)
