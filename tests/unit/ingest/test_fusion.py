import numpy as np
import pytest

from ingest.fusion import reciprocal, relative

KEYWORDS = np.array([8.0, 4.0, 0.0, 0.0])
SIMILARITIES = np.array([0.2, 0.6, 1.0, 0.6])


def test_relative_scores_keep_their_distances():
    assert relative(KEYWORDS, SIMILARITIES, 0.0).tolist() == [1.0, 0.5, 0.0, 0.0]
    assert relative(KEYWORDS, SIMILARITIES, 1.0) == pytest.approx([0.0, 0.5, 1.0, 0.5])
    assert relative(KEYWORDS, SIMILARITIES, 0.5) == pytest.approx([0.5, 0.5, 0.5, 0.25])


def test_reciprocal_ranks_keep_only_places():
    by_vector = reciprocal(KEYWORDS, SIMILARITIES, 1.0)
    assert by_vector == pytest.approx([61 / 64, 61 / 62, 1.0, 61 / 62])
    assert reciprocal(KEYWORDS, SIMILARITIES, 0.0) == pytest.approx([1.0, 61 / 62, 0.0, 0.0])
    assert reciprocal(KEYWORDS * 100, SIMILARITIES**3, 1.0) == pytest.approx(by_vector)


@pytest.mark.parametrize("fusion", [relative, reciprocal])
def test_scores_stay_between_zero_and_one(fusion):
    drawn = np.random.default_rng(1)
    for size in (0, 1, 2, 100):
        keywords, similarities = drawn.random(size) * 20, drawn.random(size) * 2 - 1
        scores = fusion(keywords, similarities, 0.3)
        assert len(scores) == size
        assert np.all((scores >= 0) & (scores <= 1))


def test_what_is_all_the_same_is_not_told_apart():
    same = np.full(3, 0.4)
    assert relative(np.zeros(3), same, 0.5).tolist() == [0.5] * 3
    assert len(set(reciprocal(np.zeros(3), same, 0.5).tolist())) == 1
