from collections.abc import Sequence

import numpy as np
import pytest

from ingest.fusion import relative
from ingest.index import Query
from ingest.ranking import Candidates, Ids, chosen, ranked

READERS = frozenset({"*"})
VECTOR = np.ones(2, np.float32)


def names(ids: Sequence[str]) -> Ids:
    return lambda places: [ids[place] for place in places]


def unasked(places: object) -> Sequence[str]:
    raise AssertionError("ids were asked for without need")


def query(limit: int = 2, **fields: object) -> Query:
    return Query(text="x", readers=READERS, limit=limit, **fields)  # type: ignore[arg-type]


def test_all_are_chosen_when_they_are_few():
    assert chosen(np.array([1.0, 1.0, 0.5]), query(), unasked).tolist() == [0, 1, 2]


def test_the_best_are_chosen():
    scores = np.arange(300, dtype=np.float64)
    assert chosen(scores, query(), unasked).tolist() == list(range(200, 300))


def test_equals_that_do_not_all_fit_are_left_out():
    scores = np.array([2.0, 2.0, 2.0] + [1.0] * 200)
    assert chosen(scores, query(), unasked).tolist() == [0, 1, 2]


def test_they_are_chosen_by_id_when_the_others_are_too_few():
    ids = [f"{200 - place:03}" for place in range(201)]
    scores = np.array([2.0] + [1.0] * 200)
    assert chosen(scores, query(limit=5), names(ids)).tolist() == [0, *range(102, 201)]


def test_equals_are_ranked_by_id():
    found = Candidates(np.array([1.0, 3.0, 1.0, 1.0]), np.zeros(4))
    assert ranked(found, query(limit=3), relative, names("dbca")) == [
        (1, 1.0),
        (3, pytest.approx(1 / 3, abs=1e-5)),
        (2, pytest.approx(1 / 3, abs=1e-5)),
    ]


@pytest.mark.parametrize("limit", [0, -1])
def test_none_are_wanted(limit: int):
    assert ranked(Candidates(np.ones(3), np.zeros(3)), query(limit=limit), relative, unasked) == []


def test_vectors_alone_are_scored_by_their_cosine():
    found = Candidates(np.zeros(2), np.array([0.7, -0.2]))
    assert ranked(found, query(vector=VECTOR, alpha=1.0), relative, names("ab")) == [(0, 0.7), (1, 0.0)]
