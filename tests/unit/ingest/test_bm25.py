import numpy as np

from ingest.bm25 import STEPS, USUAL_LENGTH, impact, prefixed, rarity


def test_more_counts_more_but_ever_less():
    impacts = [impact(frequency, USUAL_LENGTH) for frequency in (1, 2, 3, 4)]
    gains = np.diff(impacts)
    assert all(gains > 0)
    assert all(np.diff(gains) < 0)


def test_a_long_text_counts_less():
    assert impact(1, 20) > impact(1, 100) > impact(1, 500) >= 1


def test_an_impact_fits_a_byte():
    assert impact(1e9, 0) == STEPS
    assert impact(1e-9, 10**9) == 1


def test_a_rare_word_counts_more():
    assert rarity(1000, 1) > rarity(1000, 10) > rarity(1000, 1000) > 0


def test_the_beginning_of_a_word_counts_less_than_the_word():
    assert prefixed(np.array([1, 100, 255], np.uint8)).tolist() == [1, 60, 153]
