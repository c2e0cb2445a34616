import pytest

from appliance.errors import InvalidRequest
from appliance.privacy import evaluation
from appliance.privacy.evaluation import Confused, Evaluation, Marked, Sample
from appliance.privacy.span import Span

TEXT = "Jane Doe, 5 High Street, Leeds, jane@isp.example"
NAME = Marked("PERSON", 0, 8)
STREET = Marked("ADDRESS", 10, 23)
TOWN = Marked("ADDRESS", 25, 30)
MAIL = Marked("EMAIL_ADDRESS", 32, 48)


def told(start, end, kind):
    return Span(start, end, kind, 0.9, "test")


def report(marked, finds, text=TEXT, renamed=None, ignored=()):
    of = Evaluation(renamed=renamed or {}, ignored=ignored)
    of.add(Sample(text, tuple(marked)), finds)
    return of.report()


def counts(score):
    return score.marked, score.found, score.told, score.right


def test_what_is_found_as_it_was_marked_scores_one():
    at = report([NAME, MAIL], [told(0, 8, "PERSON"), told(32, 48, "EMAIL_ADDRESS")]).at
    assert [(each.blind.f2, each.typed.f2) for each in at] == [(1.0, 1.0)] * 2


def test_an_overlap_between_the_two_counts_at_one_of_them():
    low, high = report([MAIL], [told(32, 45, "EMAIL_ADDRESS")]).at  # 13 of 16: 0.81
    assert counts(low.blind) == (1, 1, 1, 1)
    assert counts(high.blind) == (1, 0, 1, 0)


def test_another_type_counts_only_where_types_do_not():
    at = report([NAME], [told(0, 8, "LOCATION")]).at[0]
    assert counts(at.blind) == (1, 1, 1, 1)
    assert counts(at.typed) == (1, 0, 1, 0)
    assert [(each.type, *counts(each)) for each in at.types] == [("LOCATION", 0, 0, 1, 0), ("PERSON", 1, 0, 0, 0)]


def test_pieces_count_together():
    pieces = [told(10, 16, "ADDRESS"), told(16, 23, "ADDRESS")]
    assert counts(report([STREET], pieces).at[1].typed) == (1, 1, 2, 2)
    assert counts(report([STREET, TOWN], [told(10, 30, "ADDRESS")]).at[1].typed) == (2, 2, 1, 1)


def test_f2_weighs_recall_over_precision():
    at = report([NAME, MAIL], [told(0, 8, "PERSON")]).at[0].blind
    assert (at.precision, at.recall) == (1.0, 0.5)
    assert at.f2 == pytest.approx(5 * 0.5 / 4.5)


def test_no_share_is_made_up_where_there_is_nothing_to_share():
    at = report([], []).at[0].blind
    assert (at.precision, at.recall, at.f2) == (None, None, None)
    assert report([NAME], [told(40, 44, "URL")]).at[0].blind.f2 == 0.0


def test_confusions_are_counted():
    finds = [told(0, 8, "LOCATION"), told(8, 10, "URL")]
    assert set(report([NAME, MAIL], finds).confusion) == {
        Confused("PERSON", "LOCATION", 1),
        Confused("EMAIL_ADDRESS", "(missed)", 1),
        Confused("(nothing)", "URL", 1),
    }


def test_the_worst_misses_come_first_and_are_cut_short():
    text = "a" * 1000 + "SECRET" * 1000 + "b" * 1000
    misses = report([Marked("X", 1000, 7000), Marked("Y", 0, 10)], [told(0, 5, "Y")], text).misses
    assert [(each.type, each.covered) for each in misses] == [("X", 0.0), ("Y", 0.5)]
    assert len(misses[0].excerpt) < 200
    assert "⟦SECRET" in misses[0].excerpt


def test_of_one_type_a_few_misses_do():
    many = [Marked("X", at, at + 1) for at in range(40)]
    assert len(report(many, []).misses) == 5


def test_types_are_renamed_and_ignored():
    renamed = {"STREET_ADDRESS": "ADDRESS"}
    at = report(
        [Marked("STREET_ADDRESS", 10, 23), NAME], [told(10, 23, "ADDRESS")], renamed=renamed, ignored={"PERSON"}
    )
    assert counts(at.at[0].typed) == (1, 1, 1, 1)


def test_texts_are_read():
    content = (
        b'[{"full_text": "a b", "spans": [{"entity_type": "X", "start_position": 0, "end_position": 1}], "id": 7}]'
    )
    assert evaluation.read(content) == (Sample("a b", (Marked("X", 0, 1),)),)


@pytest.mark.parametrize("content", [b"", b"{}", b'[{"text": "a"}]'])
def test_what_are_no_texts_says_what_would_be(content):
    with pytest.raises(InvalidRequest, match="Give a JSON list"):
        evaluation.read(content)
