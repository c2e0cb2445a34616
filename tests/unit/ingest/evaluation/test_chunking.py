import numpy as np
import pytest

from ingest.chunks import Measure
from ingest.content import Block, Content
from ingest.evaluation.chunking import Asked, Judge, Piece, Span, fixed, nearest, ours, score, within
from tests.unit.ingest.chunks.ruler import Words

TEXT = "one two three four five six seven eight nine ten"
MEASURES = {"a": Measure(TEXT, Words()), "b": Measure(TEXT, Words())}


def span(first: int, last: int, document: str = "a") -> Span:
    """From the first word to the last."""
    starts = Words().tokens(TEXT)
    return Span(document, starts[first], starts[last] + 3)


def asked(*answers: tuple[Span, ...]) -> Asked:
    return Asked("?", answers)


@pytest.mark.parametrize(
    ("found", "recall", "precision", "iou", "whole"),
    [
        ([span(2, 3)], 1, 1, 1, 1),
        ([span(0, 3)], 1, 0.5, 0.5, 1),
        ([span(3, 4)], 0.5, 0.5, 1 / 3, 0),
        ([span(2, 2), span(3, 3)], 1, 1, 1, 1),
        ([span(2, 3), span(2, 3)], 1, 0.5, 0.5, 1),
        ([span(2, 3, "b")], 0, 0, 0, 0),
        ([], 0, 0, 0, 0),
    ],
)
def test_tokens_are_counted(found: list[Span], recall: float, precision: float, iou: float, whole: float):
    got = score(asked((span(2, 3),)), found, MEASURES)
    assert (got.recall, got.precision, got.iou, got.whole) == pytest.approx((recall, precision, iou, whole))


def test_any_place_of_an_answer_will_do_and_every_answer_is_needed():
    twice = asked((span(0, 1), span(0, 1, "b")))
    assert score(twice, [span(0, 1, "b")], MEASURES).whole == 1
    both = asked((span(0, 1),), (span(0, 1, "b"),))
    half = score(both, [span(0, 1, "b")], MEASURES)
    assert (half.recall, half.whole) == (0.5, 0)


def test_the_nearest_come_first_and_equals_in_their_order():
    vectors = np.array([[0, 1], [1, 0], [1, 0], [0.6, 0.8]], np.float32)
    assert nearest(vectors, np.array([1, 0], np.float32), 3) == [1, 2, 3]


def test_a_budget_is_kept():
    assert within([span(0, 3), span(4, 5), span(6, 9)], 7, MEASURES) == [span(0, 3), span(4, 5)]


CONTENT = Content(
    path="a.md",
    blocks=(Block(kind="heading", text="Head", level=1), Block(kind="paragraph", text=f"{TEXT}. " * 8)),
)


def test_fixed_pieces_have_their_size_and_overlap():
    pieces = fixed(20, 5)("a", CONTENT, Words())
    measure = Measure(CONTENT.text, Words())
    assert {measure.tokens(each.span.start, each.span.end) for each in pieces[:-1]} == {20}
    assert measure.tokens(pieces[1].span.start, pieces[0].span.end) == 5
    assert pieces[-1].span.end >= len(CONTENT.text.rstrip())


def test_a_report_has_what_was_seen_and_how_sure_it_is():
    pieces = ours(20)("a", CONTENT, Words())
    vectors = np.eye(len(pieces), dtype=np.float32)
    questions = [Asked("?", ((each.span,),)) for each in pieces[:4]]
    judge = Judge(questions, vectors[:4], {"a": Measure(CONTENT.text, Words())})
    good = judge.report("good", pieces, vectors)
    assert (good.questions, good.recall.value, good.whole.value, good.recall.error) == (4, 1, 1, 0)
    assert 0 < good.precision.value < 1
    assert good.in_budget.value == 1
    other = [Piece(Span("a", 0, 4), "x") for _ in pieces]
    assert judge.report("bad", other, vectors).recall.value < 0.2


def test_a_piece_of_ours_carries_its_headings():
    first, second, *_ = ours(20)("a", CONTENT, Words())
    assert first.embedded.startswith("Head\n\none")
    assert second.embedded.startswith("Head\n")
    assert isinstance(first, Piece)
