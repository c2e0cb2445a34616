import numpy as np
from weaviate.outputs.query import MetadataReturn

from ingest.index import Filter, Query
from ingest.weaviate import searching
from ingest.weaviate.rows import Entry, Row
from ingest.weaviate.searching import Found
from tests.unit.ingest.weaviate.shelf import document, passage

QUERY = Query(text="router", readers=frozenset({"*"}), limit=2)
TOLD = (
    "\nHybrid (Result Set vector,hybridVector) Document 1: original score 0.25, normalized score: 0.1 - "
    "\nHybrid (Result Set keyword,bm25) Document 1: original score 2.4655795e+01, normalized score: 0.5"
)


def found(score: float, name: str = "a:0", generation: int = 1) -> Found:
    return Found(Entry(passage("x", name=name), generation), score, 0.0, 0.0)


def test_both_scores_are_read_from_the_explanation():
    fused = searching.fused(found(0).entry, MetadataReturn(score=0.6, explain_score=TOLD))
    assert (fused.score, fused.keyword, fused.similarity) == (0.6, 24.6558, 0.25)


def test_what_one_side_has_not_found_has_no_score_there():
    fused = searching.fused(found(0).entry, MetadataReturn(score=0.5, explain_score=TOLD.partition(" - ")[0]))
    assert (fused.keyword, fused.similarity) == (0.0, 0.25)


def test_only_the_generation_of_the_document_is_its_own():
    rows = {"a": Row(document(), 2, 0, 1)}
    assert [each.entry.generation for each in searching.own([found(1), found(1, generation=2)], rows, QUERY)] == [2]
    assert searching.own([found(1)], {}, QUERY) == []


def test_what_a_reader_may_not_see_is_left_out_even_if_weaviate_gives_it():
    rows = {"a": Row(document(access=("role:agent",)), 1, 0, 1)}
    assert searching.own([found(1)], rows, QUERY) == []
    labelled = Query(text="x", readers=frozenset({"role:agent"}), among=Filter(labels=("x",)))
    assert searching.own([found(1)], rows, labelled) == []


def test_equals_at_the_end_are_cut_only_when_there_may_be_more():
    equal = [found(1), found(0.5, "b"), found(0.5, "c")]
    assert searching.is_cut_among_equals(equal, 2, 3)
    assert not searching.is_cut_among_equals(equal, 2, 4)
    assert not searching.is_cut_among_equals([*equal[:2], found(0.4, "c")], 2, 3)


def test_hits_come_by_score_then_id():
    rows = {"a": Row(document(), 1, 0, 3)}
    best = searching.hits([found(0.5, "c"), found(0.5, "b"), found(0.7, "z")], rows, QUERY)
    assert [hit.passage.id for hit in best] == ["z", "b"]


def test_one_more_than_is_wanted_is_asked_for():
    assert searching.first_limit(QUERY, "router") == 3
    assert searching.next_limit(3) == 100
    assert searching.next_limit(100) == searching.MOST_ASKED
    assert searching.first_limit(Query(text="the", vector=np.ones(3), readers=QUERY.readers), "") == 100
