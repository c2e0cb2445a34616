"""Elements as they open and close -> blocks."""

from collections.abc import Iterator

from ingest.content import Block, Spot
from ingest.readers.table import table

BREAKS = frozenset(
    (  # noqa: SIM905 - read as words
        "p div section article main header footer blockquote figure figcaption address center form fieldset "
        "body details dl dt dd h1 h2 h3 h4 h5 h6 summary hr caption aside nav"
    ).split()
)


class Outline:
    """Told of each element and text in their order; `take` gives the blocks that are whole."""

    def __init__(self) -> None:
        self._ready: list[Block] = []
        self._words: list[str] = []
        self._items: list[str] = []
        self._lists: list[int] = []
        """Of each list that is open the next number; 0: it has none."""
        self._mark = ""
        self._rows: list[list[str]] = []
        self._tables = 0
        self._kept = 0
        """How many `pre` are open: spaces are kept as they are."""

    def take(self) -> Iterator[Block]:
        ready, self._ready = self._ready, []
        yield from ready

    def text(self, words: str) -> None:
        self._words.append(words if self._kept else words.replace("\n", " ").replace("\t", " "))

    def open(self, tag: str, level: int) -> None:
        if tag == "br":
            self._words.append("\n")
        elif tag == "table":
            self._open_table()
        elif self._tables:
            if tag == "tr" and self._tables == 1:
                self._rows.append([])
            elif tag in ("td", "th") and self._tables == 1:
                self._words = []
            elif tag in BREAKS or tag in ("li", "td", "th"):
                self._words.append(" ")
        elif tag in ("ul", "ol"):
            self._flush()
            self._lists.append(1 if tag == "ol" else 0)
        elif tag == "li":
            self._flush()
            self._open_item()
        elif tag == "pre":
            self._flush()
            self._kept += 1
        elif tag in BREAKS:
            self._flush()

    def close(self, tag: str, level: int) -> None:
        if tag == "table" and self._tables:
            self._close_table()
        elif self._tables:
            if tag in ("td", "th") and self._rows and self._tables == 1:
                self._rows[-1].append("".join(self._words))
                self._words = []
        elif level:
            self._heading(level)
        elif tag == "pre" and self._kept:
            self._code()
            self._kept -= 1
        elif tag in ("ul", "ol") and self._lists:
            self._flush()
            self._lists.pop()
            if not self._lists:
                self._list()
        elif tag == "li" or tag in BREAKS:
            self._flush()

    def end(self) -> None:
        self._flush()
        self._list()

    def _open_item(self) -> None:
        if not self._lists:
            self._lists.append(0)
        number = self._lists[-1]
        self._mark = f"{number}. " if number else "- "
        self._lists[-1] += 1 if number else 0

    def _open_table(self) -> None:
        if not self._tables:
            self._flush()
            self._list()
        self._tables += 1

    def _close_table(self) -> None:
        self._tables -= 1
        if self._tables:
            return
        rows, self._rows = self._rows, []
        self._words = []
        if max((len(row) for row in rows), default=0) > 1:
            if block := table(rows, Spot()):
                self._ready.append(block)
            return
        # One column: a frame around the text, not a table.
        self._ready += [Block(kind="paragraph", text=text) for row in rows for each in row if (text := _tidy(each))]

    def _heading(self, level: int) -> None:
        text = " ".join(self._take_words().split())
        self._list()
        if text:
            self._ready.append(Block(kind="heading", text=text, level=level))

    def _code(self) -> None:
        text = "".join(self._words).strip("\n")
        self._words = []
        self._list()
        if text.strip():
            self._ready.append(Block(kind="code", text=text))

    def _flush(self) -> None:
        text = _tidy(self._take_words())
        if not text:
            return
        if self._lists:
            indent = "  " * (len(self._lists) - 1)
            self._items.append(f"{indent}{self._mark}{text}".replace("\n", f"\n{indent}  "))
            self._mark = "  "
            return
        self._list()
        self._ready.append(Block(kind="paragraph", text=text))

    def _list(self) -> None:
        if self._items:
            self._ready.append(Block(kind="list", text="\n".join(self._items)))
            self._items = []

    def _take_words(self) -> str:
        words, self._words = "".join(self._words), []
        return words


def _tidy(text: str) -> str:
    """Runs of spaces as one; lines as `br` made them."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
