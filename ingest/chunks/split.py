"""Cuts a document where it is made to be cut: between sections, then blocks, then sentences, items, rows and lines.

Within a section that does not fit, of the cuts that stand equally well the one is taken whose following words have the
highest checksum: so an edit moves the cuts near it, and leaves the others where they were.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from ingest.chunks.atoms import BLOCK, LINE, NEVER, Atom, atoms
from ingest.chunks.measure import Measure, Ruler
from ingest.content import Content
from ingest.passage import Passage

SIZE = 200
SEEN = 64
"""Characters after a cut by which it is chosen."""


class Section(Struct, frozen=True):
    """What stands under a heading, and the heading itself."""

    above: tuple[str, ...]
    headings: tuple[str, ...]
    """Its own too: a passage that does not begin with them needs them said."""
    level: int
    atoms: tuple[Atom, ...]


def split(document: str, content: Content, ruler: Ruler, size: int = SIZE) -> list[Passage]:
    """Passages of at most `size` tokens, less where the embedder reads less; title and headings come on top."""
    room = ruler.limit // 4
    size = min(size, ruler.limit // 2)
    text = content.text
    measure = Measure(text, ruler)
    title = _cut(content.title, ruler, room)
    made = list[Passage]()
    seen = Counter[str]()
    sections = list(_sections(content, text, measure, size))
    for section in _chapters(sections, measure, size):
        for group in _groups(section.atoms, text, measure, size):
            first, last = group[0], group[-1]
            end = first.start + len(text[first.start : last.end].rstrip())
            shown = text[first.start : end]
            if not shown.strip():
                continue
            path = section.above if first is section.atoms[0] else section.headings
            headings = _path(path, content.title, ruler, room)
            shown = f"{first.header}\n{shown}" if first.header else shown
            digest = _digest(title, *headings, shown)
            seen[digest] += 1
            made.append(
                Passage(
                    id=_digest(document, digest, str(seen[digest]))[:32],
                    document=document,
                    number=len(made),
                    text=shown,
                    title=title,
                    headings=headings,
                    start=first.start,
                    end=end,
                    spot=first.spot,
                    digest=digest,
                )
            )
    return made


def _sections(content: Content, text: str, measure: Measure, size: int) -> Iterator[Section]:
    path: list[tuple[int, str]] = []
    above, level, inside = tuple[str, ...](), 0, list[Atom]()
    for start, block in content.placed():
        if block.kind == "heading":
            # A heading without a text of its own stands with what follows.
            if any(atom.kind != "heading" for atom in inside):
                yield Section(above, tuple(said for _, said in path), level, tuple(inside))
                inside = []
            path = [(level, said) for level, said in path if level < block.level]
            if not inside:
                above, level = tuple(said for _, said in path), block.level
            path.append((block.level, block.text))
        inside += atoms(text, block, start, measure, size)
    if inside:
        yield Section(above, tuple(said for _, said in path), level, tuple(inside))


def _chapters(sections: Sequence[Section], measure: Measure, size: int) -> Iterator[Section]:
    """A section and all under it are one where they take no more than `size` tokens."""
    at = 0
    while at < len(sections):
        first, until = sections[at], at + 1
        while until < len(sections) and sections[until].level > first.level:
            until += 1
        if measure(first.atoms[0].start, sections[until - 1].atoms[-1].end) > size:
            until = at + 1
        inside = tuple(atom for section in sections[at:until] for atom in section.atoms)
        yield replace(first, atoms=inside)
        at = until


def _groups(inside: Sequence[Atom], text: str, measure: Measure, size: int) -> Iterator[Sequence[Atom]]:
    """Neighbours that make a passage together."""
    at = 0
    while at < len(inside):
        until = _until(inside, at, text, measure, size)
        yield inside[at:until]
        at = until


def _until(inside: Sequence[Atom], at: int, text: str, measure: Measure, size: int) -> int:
    first = inside[at]
    size -= first.taken
    if measure(first.start, inside[-1].end) <= size:
        return len(inside)
    fitting = at + 1
    while fitting < len(inside) and measure(first.start, inside[fitting].end) <= size:
        fitting += 1
    if fitting == len(inside):
        return fitting
    cuts = range(at + 1, fitting + 1)
    full = [cut for cut in cuts if measure(first.start, inside[cut - 1].end) >= size // 2] or list(cuts)
    return max(full, key=lambda cut: (_strength(inside, cut, text), _chance(inside, cut, text)))


def _chance(inside: Sequence[Atom], cut: int, text: str) -> int:
    at = inside[cut].start
    return crc32(text[at : min(at + SEEN, inside[-1].end)].encode())


def _strength(inside: Sequence[Atom], cut: int, text: str) -> int:
    before, after = inside[cut - 1], inside[cut]
    if before.kind == "heading":
        return NEVER
    # What ends in a colon introduces what follows.
    return LINE if after.strength == BLOCK and text[before.start : before.end].endswith(":") else after.strength


def _path(headings: Sequence[str], title: str, ruler: Ruler, room: int) -> tuple[str, ...]:
    """The nearest headings that there is room for; the title is said already."""
    kept = list[str]()
    for said in reversed([said for said in headings if said and said != title]):
        told = _cut(said, ruler, room)
        room -= len(ruler.tokens(told)) + 1
        if room < 0:
            break
        kept.append(told)
    return tuple(reversed(kept))


def _cut(text: str, ruler: Ruler, room: int) -> str:
    starts = ruler.tokens(text)
    return text if len(starts) <= room else text[: starts[room]].rstrip()


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()
