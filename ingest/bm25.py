"""BM25, in two halves: what a word weighs in its passage, once; how rare it is among what a reader may see, each time.

A passage's length is measured against a fixed one and not against the average, so that no passage changes what
another one scores: the average would tell of documents that a reader may not see.
"""

from math import log

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75
USUAL_LENGTH = 100
"""Words, without stop words."""
STEPS = 255
HIGHEST = K1 + 1


def impact(frequency: float, length: int) -> int:
    """1 to 255: how much of BM25's highest weight a word has in a passage of this length."""
    weight = frequency * HIGHEST / (frequency + K1 * (1 - B + B * length / USUAL_LENGTH))
    return max(1, min(STEPS, round(weight / HIGHEST * STEPS)))


def prefixed(impacts: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the whole word of a question is worth where it is only the beginning of one."""
    return np.maximum(impacts.astype(np.uint16) * 3 // 5, 1).astype(np.uint8)


def rarity(passages: int, having: int) -> float:
    """What each step of the impact counts."""
    return log(1 + (passages - having + 0.5) / (having + 0.5)) * HIGHEST / STEPS
