from pathlib import Path

import pytest

from models.store.part import Part


@pytest.mark.parametrize(
    ("size", "ranges"),
    [(0, [(0, 0)]), (1, [(0, 1)]), (10, [(0, 10)]), (11, [(0, 10), (10, 11)]), (20, [(0, 10), (10, 20)])],
)
def test_ranges_cover_the_file(tmp_path: Path, size: int, ranges: list[tuple[int, int]]):
    assert [(each.begin, each.end) for each in Part(tmp_path, "k", size, 10).ranges] == ranges


def test_what_came_is_remembered(tmp_path: Path):
    with Part(tmp_path, "k", 15, 10) as part:
        part.write(part.ranges[1], b"abc")
        part.write(part.ranges[0], b"12")
        part.write(part.ranges[0], b"34")
    with Part(tmp_path, "k", 15, 10) as part:
        assert [part.done(each) for each in part.ranges] == [4, 3]
        assert part.read(0, 15) == b"1234" + bytes(6) + b"abc" + bytes(2)


@pytest.mark.parametrize(("size", "length"), [(16, 10), (15, 5)])
def test_another_size_or_cut_begins_anew(tmp_path: Path, size: int, length: int):
    with Part(tmp_path, "k", 15, 10) as part:
        part.write(part.ranges[0], b"1234")
    assert sum(Part(tmp_path, "k", size, length).remembered()) == 0


@pytest.mark.parametrize("damage", [lambda old: old[:-1], lambda old: b"\xff" * len(old), lambda old: old + b"0"])
def test_counts_that_are_damaged_are_not_believed(tmp_path: Path, damage):
    with Part(tmp_path, "k", 15, 10) as part:
        part.write(part.ranges[0], b"1234")
        counts = part.counts
    counts.write_bytes(damage(counts.read_bytes()))
    with Part(tmp_path, "k", 15, 10) as part:
        assert [part.done(each) for each in part.ranges] == [0, 0]


def test_counts_without_their_file_are_not_believed(tmp_path: Path):
    with Part(tmp_path, "k", 15, 10) as part:
        part.write(part.ranges[0], b"1234")
    part.file.unlink()
    assert part.remembered() == [0, 0]
