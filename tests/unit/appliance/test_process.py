from hypothesis import given
from hypothesis import strategies as st

from appliance.process import LINE_CHARACTERS, Line, how_it_ended, split

written = st.text(alphabet="ab \r\n", max_size=60).map(str.encode)


def test_a_line_that_is_drawn_again_only_passes() -> None:
    lines, rest = split(b"one\ntwo\r\n\r 0%|   |\r50%|#  |\r100%|##|\nthr")
    assert [line.text for line in lines if line.text and not line.passing] == ["one", "two", "100%|##|"]
    assert [line.text for line in lines if line.passing and line.text] == [" 0%|   |", "50%|#  |"]
    assert rest == b"thr"


def test_the_halves_of_an_end_are_one_end() -> None:
    lines, rest = split(b"a\r")
    assert (lines, rest) == ([], b"a\r")
    assert split(rest + b"\nb\n") == ([Line("a"), Line("b")], b"")


@given(st.lists(written, max_size=8))
def test_it_does_not_matter_where_the_pipe_cuts(parts: list[bytes]) -> None:
    told, rest = [], b""
    for part in parts:
        lines, rest = split(rest + part)
        told += lines
    assert (told, rest) == split(b"".join(parts))


def test_a_line_is_bounded_and_never_breaks_the_reader() -> None:
    [line], _ = split(b"\xff" * 9000 + b"\n")
    assert len(line.text) == LINE_CHARACTERS


def test_an_end_is_said_in_words() -> None:
    assert how_it_ended(-9) == "killed by SIGKILL"
    assert how_it_ended(78) == "exited with 78"
