from ingest.chunks import Measure
from tests.unit.ingest.chunks.ruler import Words


def test_parts_are_counted_where_they_stand():
    measure = Measure("one two, three", Words())
    assert [measure(0, 14), measure(0, 3), measure(4, 8), measure(3, 4)] == [4, 1, 2, 1]


def test_one_word_without_end_is_not_short():
    measure = Measure("a" * 1200, Words())
    assert measure(0, 1200) == 100
    assert measure.words(0, 1200, 40) == [0, 480, 960]


def test_pieces_begin_at_words():
    assert Measure("one two three", Words()).words(0, 13, 1) == [0, 4, 8]
