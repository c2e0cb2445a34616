"""Tables with drawn lines: where rules cross lie cells, and words lie in them."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ingest.readers.words import Rule, Word, lines

NEAR = 3.0
"""Points: rules this close are one, and touch."""
SHORTEST = 8.0
MOST = 4_000
"""Rules of a page; a drawing has more, and is no table."""


class Grid(Struct, frozen=True):
    """A table as it lies on the page."""

    columns: tuple[float, ...]
    """The edges of the columns from left to right."""
    heights: tuple[float, ...]
    """The edges of the rows from above to below."""

    def holds(self, word: Word) -> bool:
        across = self.columns[0] - NEAR <= word.middle <= self.columns[-1] + NEAR
        return across and self.heights[-1] - NEAR <= _middle(word) <= self.heights[0] + NEAR

    def cells(self, words: Iterable[Word]) -> list[list[str]]:
        lying: dict[tuple[int, int], list[Word]] = {}
        for word in words:
            row = sum(1 for edge in self.heights[1:-1] if _middle(word) < edge)
            column = sum(1 for edge in self.columns[1:-1] if word.middle > edge)
            lying.setdefault((row, column), []).append(word)
        return [
            [_text(lying.get((row, column), [])) for column in range(len(self.columns) - 1)]
            for row in range(len(self.heights) - 1)
        ]


def grids(rules: Sequence[Rule]) -> list[Grid]:
    """Rules that touch make a grid; a frame without lines inside is none."""
    long = [each for each in rules if max(each.right - each.left, each.top - each.bottom) >= SHORTEST]
    if len(long) > MOST:
        return []
    found = []
    for group in _touching(long):
        columns = _edges(each.left for each in group if not each.lies)
        heights = _edges(each.bottom for each in group if each.lies)
        if not columns and len(heights) > 2:
            continue  # only horizontal lines: how its columns lie shows in its words
        if len(columns) > 2 and len(heights) > 1 and len(columns) + len(heights) > 5:
            found.append(Grid(tuple(columns), tuple(reversed(heights))))
    return found


def _touching(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Groups of rules that cross or touch, each with those that it touches by way of others."""
    owner = list(range(len(rules)))

    def top(place: int) -> int:
        while owner[place] != place:
            owner[place] = owner[owner[place]]
            place = owner[place]
        return place

    lying = [place for place, each in enumerate(rules) if each.lies]
    standing = [place for place, each in enumerate(rules) if not each.lies]
    for one in lying:
        for other in standing:
            if _touch(rules[one], rules[other]):
                owner[top(other)] = top(one)
    groups: dict[int, list[Rule]] = {}
    for place, each in enumerate(rules):
        groups.setdefault(top(place), []).append(each)
    return list(groups.values())


def _touch(one: Rule, other: Rule) -> bool:
    across = one.left - NEAR <= other.right and other.left - NEAR <= one.right
    return across and one.bottom - NEAR <= other.top and other.bottom - NEAR <= one.top


def _edges(values: Iterable[float]) -> list[float]:
    found: list[float] = []
    for each in sorted(values):
        if not found or each - found[-1] > NEAR:
            found.append(each)
    return found


def _middle(word: Word) -> float:
    return word.base + word.size * 0.3


def _text(words: list[Word]) -> str:
    return " ".join(each.text for each in lines(words))
