import threading
from pathlib import Path

import pytest

from appliance.privacy.scanning.pattern import Pattern
from appliance.privacy.scanning.prefilter import GROUP, MOST, Prefilter


def pattern(regex: str) -> Pattern:
    return Pattern(type="T", name=regex, regex=regex, score=0.5)


def test_it_tells_which_patterns_occur_and_where_each_may_end():
    filtered = Prefilter.load([pattern(r"\bcat\b"), pattern("dog"), pattern("cow")], None)
    assert filtered.ends(b"cat dog cat dogs") == {0: [3, 11], 1: [7, 15]}


def test_patterns_of_all_groups_keep_their_numbers():
    patterns = [pattern(f"word{number}\\b") for number in range(2 * GROUP + 3)]
    filtered = Prefilter.load(patterns, None)
    data = f"word0 word{GROUP} word{2 * GROUP + 2}".encode()
    assert filtered.ends(data) == {0: [5], GROUP: [13], 2 * GROUP + 2: [21]}


def test_what_it_cannot_look_for_may_end_anywhere():
    filtered = Prefilter.load([pattern("cat"), pattern("x{0,3}")], None)
    assert filtered.ends(b"no\n") == {1: range(4)}


def test_when_it_has_too_much_to_tell_every_pattern_that_is_left_may_be_found():
    patterns = [pattern("a"), *(pattern(f"a{{1,{most}}}") for most in range(2, 40))]
    data = b"a" * (MOST + 1_000)
    assert Prefilter.load(patterns, None).ends(data) == dict.fromkeys(range(len(patterns)), range(len(data) + 1))


def test_what_is_damaged_is_made_anew(tmp_path: Path):
    Prefilter.load([pattern("cat")], tmp_path)
    (kept,) = tmp_path.glob("*.hyperscan")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100] + bytes(20) + whole[120:])
    assert Prefilter.load([pattern("cat")], tmp_path).ends(b"cat") == {0: [3]}
    assert kept.read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"no database"])
def test_what_is_cut_off_is_made_anew(tmp_path: Path, content: bytes):
    Prefilter.load([pattern("cat")], tmp_path)
    (kept,) = tmp_path.glob("*.hyperscan")
    kept.write_bytes(content)
    assert Prefilter.load([pattern("cat")], tmp_path).ends(b"cat") == {0: [3]}


def test_another_pattern_is_another_file(tmp_path: Path):
    Prefilter.load([pattern("cat")], tmp_path)
    Prefilter.load([pattern("dog")], tmp_path)
    assert len(list(tmp_path.glob("*.hyperscan"))) == 2


def test_several_threads_may_use_it_at_once():
    filtered = Prefilter.load([pattern("cat"), pattern("dog")], None)
    data = b"cat dog " * 2_000
    answers = []
    threads = [threading.Thread(target=lambda: answers.extend(filtered.ends(data) for _ in range(20))) for _ in "1234"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 80
    assert all(each == {0: [*range(3, len(data), 8)], 1: [*range(7, len(data), 8)]} for each in answers)
