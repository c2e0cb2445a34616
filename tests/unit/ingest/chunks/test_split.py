"""What every passage of every document keeps."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunks import split
from ingest.content import Block, Content, Spot
from ingest.passage import Passage
from tests.unit.ingest.chunks.ruler import Words

RULER = Words()
words = st.text(st.sampled_from("abcXYZ é.,:;!? \n-|{}小"), min_size=0, max_size=160)


@st.composite
def blocks(draw: st.DrawFn) -> Block:
    kind = draw(st.sampled_from(["heading", "paragraph", "list", "table", "code"]))
    if kind == "heading":
        return Block(kind="heading", text=draw(words), level=draw(st.integers(1, 4)))
    if kind == "table":
        rows = draw(st.lists(st.text(st.sampled_from("ab |1"), min_size=1, max_size=20), min_size=1, max_size=30))
        return Block(kind="table", text="\n".join(rows), header=rows[0], spot=Spot(row=draw(st.integers(0, 9))))
    return Block(kind=kind, text=draw(words) * draw(st.integers(1, 8)))


contents = st.builds(
    Content, path=st.just("a.md"), title=st.one_of(st.just(""), words), blocks=st.lists(blocks(), max_size=8).map(tuple)
)
sizes = st.sampled_from([8, 20, 60])


def without_header(passage: Passage, content: Content) -> str:
    headers = [block.header for block in content.blocks if block.header]
    shown = content.text[passage.start : passage.end]
    assert passage.text == shown or passage.text in {f"{header}\n{shown}" for header in headers}
    return shown


@given(contents, sizes)
def test_a_passage_is_what_stands_at_its_offsets(content: Content, size: int):
    for number, passage in enumerate(split("doc", content, RULER, size)):
        assert without_header(passage, content).strip()
        assert passage.number == number


@given(contents, sizes)
def test_passages_cover_every_block_once(content: Content, size: int):
    found = split("doc", content, RULER, size)
    for before, after in pairwise(found):
        assert before.end <= after.start
    covered = {at for passage in found for at in range(passage.start, passage.end)}
    text = content.text
    assert {at for at in range(len(text)) if not text[at].isspace()} <= covered


@given(contents, sizes)
def test_none_is_longer_than_is_read(content: Content, size: int):
    for passage in split("doc", content, RULER, size):
        assert len(RULER.tokens(passage.text)) <= size
        assert len(RULER.tokens(passage.embedded)) <= RULER.limit


@given(contents, sizes)
def test_the_same_document_has_the_same_passages_and_no_id_twice(content: Content, size: int):
    found = split("doc", content, RULER, size)
    assert found == split("doc", content, RULER, size)
    assert len({passage.id for passage in found}) == len(found)
    assert not {passage.id for passage in found} & {passage.id for passage in split("other", content, RULER, size)}


@dataclass(frozen=True)
class Edit:
    before: Content
    after: Content
    section: str


# An empty section stands with the next one, and is its neighbour's business.
bodies = st.lists(blocks().filter(lambda block: block.kind != "heading" and block.text.strip()), min_size=1, max_size=4)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    sections = draw(st.lists(bodies, min_size=2, max_size=5))
    at = draw(st.integers(0, len(sections) - 1))

    def content(parts: list[list[Block]]) -> Content:
        heads = [Block(kind="heading", text=f"Section {number}", level=1) for number in range(len(parts))]
        return Content(
            path="a.md", blocks=tuple(b for head, part in zip(heads, parts, strict=True) for b in (head, *part))
        )

    return Edit(content(sections), content([*sections[:at], draw(bodies), *sections[at + 1 :]]), f"Section {at}")


@given(edits())
def test_an_edit_in_a_section_leaves_the_others_their_passages(edit: Edit):
    def elsewhere(content: Content) -> set[str]:
        found = split("doc", content, RULER, 20)
        return {each.id for each in found if edit.section not in (*each.headings, *each.text.splitlines())}

    assert elsewhere(edit.before) == elsewhere(edit.after)


def prose(sentences: int) -> list[str]:
    return [
        f"Sentence {number} tells that router {number * 37 % 101} stands in room {number}."
        for number in range(sentences)
    ]


def test_an_edit_at_the_top_of_a_long_text_moves_only_the_cuts_near_it():
    said = prose(300)
    whole = Content(path="a.txt", blocks=(Block(kind="paragraph", text=" ".join(said)),))
    edited = Content(path="a.txt", blocks=(Block(kind="paragraph", text=" ".join(["Something new here.", *said])),))
    before = {passage.id for passage in split("doc", whole, RULER, 60)}
    after = {passage.id for passage in split("doc", edited, RULER, 60)}
    assert len(before) >= 50
    assert len(before - after) <= 10


def test_a_heading_is_said_by_those_that_do_not_begin_with_it():
    content = Content(
        path="a.md",
        title="Manual",
        blocks=(
            Block(kind="heading", text="Manual", level=1),
            Block(kind="heading", text="Reset", level=2),
            Block(kind="paragraph", text=" ".join(prose(4))),
        ),
    )
    first, *rest = split("doc", content, RULER, 30)
    assert first.text.startswith("Manual\n\nReset\n\nSentence 0")
    assert first.headings == ()
    assert {passage.headings for passage in rest} == {("Reset",)}
    assert rest[0].embedded.startswith("Manual\nReset\nSentence")


def test_a_table_that_is_cut_repeats_its_header():
    rows = ["plan | price", *(f"Fibre {number} | {number}" for number in range(20))]
    content = Content(
        path="a.md", blocks=(Block(kind="table", text="\n".join(rows), header=rows[0], spot=Spot(row=1)),)
    )
    found = split("doc", content, RULER, 24)
    assert len(found) >= 4
    assert all(passage.text.startswith("plan | price\nFibre") for passage in found)
    assert [passage.spot.row for passage in found][1] == found[0].text.count("\n") + 2


def test_what_is_introduced_stands_with_its_introduction():
    code = "\n".join(f"interface {number} up" for number in range(8))
    content = Content(
        path="a.md",
        blocks=(
            Block(kind="paragraph", text="A first word about it, of some length so that it counts."),
            Block(kind="paragraph", text="Enter this:"),
            Block(kind="code", text=code),
        ),
    )
    texts = [passage.text for passage in split("doc", content, RULER, 36)]
    assert texts == ["A first word about it, of some length so that it counts.", f"Enter this:\n\n{code}"]


@pytest.mark.parametrize("blocks", [(), (Block(kind="paragraph", text=" \n"),)])
def test_nothing_has_no_passages(blocks: tuple[Block, ...]):
    assert split("doc", Content(path="a.md", blocks=blocks), RULER) == []


def test_a_chapter_that_fits_is_whole():
    def chapter(number: int) -> tuple[Block, ...]:
        return (
            Block(kind="heading", text=f"Chapter {number}", level=1),
            Block(kind="paragraph", text=prose(1)[0]),
            Block(kind="heading", text="Price", level=2),
            Block(kind="paragraph", text=" ".join(prose(1 + 4 * number))),
        )

    content = Content(path="a.md", blocks=(*chapter(0), *chapter(1)))
    texts = [passage.text.split("\n")[0] for passage in split("doc", content, RULER, 40)]
    assert texts == ["Chapter 0", "Chapter 1", "Price", *texts[3:]]
