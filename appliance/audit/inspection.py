"""Whether the stored blocks are what was written: pure, chain by chain, one block at a time."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from msgspec import Struct

from appliance.audit.chain import BLOCK_ENTRIES, GENESIS, TAG_BYTES, Block, TenantKeys

Kind = Literal["altered", "missing", "inserted", "duplicated", "reordered", "truncated", "unknown", "anchor"]

NEARBY = 500  # blocks on either side in which a displaced one is looked for


class Finding(Struct, frozen=True, kw_only=True):
    kind: Kind
    text: str
    tenant: str = ""
    writer: str = ""
    sequence: int = 0  # of the block in its chain; 0 when it is about no block
    entry: int | None = None  # the number in its chain of the first entry concerned, when that is known


class Inspection:
    """One chain. `vouched` holds the MACs that the anchor and other chains remember of it, by sequence."""

    def __init__(self, keys: TenantKeys, writer: str, vouched: dict[int, bytes]) -> None:
        self._keys = keys
        self._writer = writer
        self._vouched = dict(vouched)
        self._last_vouched = max(vouched, default=0)
        self._place = 0  # sequence of the row read last
        self._after: tuple[bytes, int] | None = (GENESIS, 1)  # what the next block must continue, when known
        self._recent: deque[bytes] = deque(maxlen=NEARBY)

    def covers(self, block: Block) -> bool:
        return (block.tenant, block.writer) == (self._keys.tenant, self._writer)

    def take(self, block: Block) -> Iterator[Finding]:
        if block.sequence > self._place + 1:
            yield self._missing("missing", block.sequence - 1)
            self._after = None
        self._place = max(self._place, block.sequence)
        vouched = self._vouched.pop(block.sequence, block.mac)
        if not self._keys.is_genuine(block):
            yield self._suspect(block)
            self._after = None
            return
        if vouched != block.mac or self._after not in (None, (block.previous, block.first)):
            yield self._finding("altered", block.sequence, block.first, "is not the one that stood here")
        self._after = (block.mac, block.first + block.count)
        self._recent.append(block.mac)
        yield from self._entries(block)

    def end(self) -> Iterator[Finding]:
        if self._last_vouched > self._place:
            yield self._missing("truncated", self._last_vouched)

    def _missing(self, kind: Kind, last: int) -> Finding:
        span = f" to {last}" if last > self._place + 1 else ""
        text = {"missing": f"deleted{span}", "truncated": f"cut off the end{span}"}[kind]
        return self._finding(kind, self._place + 1, self._after[1] if self._after else None, f"was {text}")

    def _suspect(self, block: Block) -> Finding:
        nearby = range(max(1, block.sequence - NEARBY), block.sequence + NEARBY)
        origin = next((number for number in nearby if self._keys.is_genuine(block, number)), None)
        if origin is not None:
            kind: Kind = "duplicated" if block.mac in self._recent else "reordered"
            return self._finding(kind, block.sequence, block.first, f"is block {origin}, standing here")
        if self._last_vouched and block.sequence > self._last_vouched:
            return self._finding("inserted", block.sequence, None, "was inserted, or altered")
        return self._finding("altered", block.sequence, None, "was altered: its MAC does not fit")

    def _entries(self, block: Block) -> Iterator[Finding]:
        written = [block.tags[at : at + TAG_BYTES] for at in range(0, len(block.tags), TAG_BYTES)]
        found = self._keys.tags(block.lines)
        if written == found:
            return
        if len(found) > 2 * BLOCK_ENTRIES:
            yield self._finding("altered", block.sequence, block.first, "holds more entries than any block")
            return
        for kind, offset, text in _differences(written, found):
            number = block.first + offset
            yield self._finding(kind, block.sequence, number, f"holds entry {number}, which {text}")

    def _finding(self, kind: Kind, sequence: int, entry: int | None, text: str) -> Finding:
        return Finding(
            kind=kind,
            text=f"Block {sequence} {text}.",
            tenant=self._keys.tenant,
            writer=self._writer,
            sequence=sequence,
            entry=entry,
        )


def _differences(written: Sequence[bytes], found: Sequence[bytes]) -> Iterator[tuple[Kind, int, str]]:
    if Counter(written) == Counter(found):
        first = next(at for at, pair in enumerate(zip(written, found, strict=True)) if pair[0] != pair[1])
        yield "reordered", first, "changed places with others"
        return
    known = set(written)
    for step, start, stop, from_, to in SequenceMatcher(None, written, found, autojunk=False).get_opcodes():
        if step == "equal":
            continue
        changed = min(stop - start, to - from_)
        for at in range(start, start + changed):
            yield "altered", at, "was altered"
        for at in range(start + changed, stop):
            yield "missing", at, "was deleted"
        for at in range(from_ + changed, to):
            copied = found[at] in known
            yield ("duplicated" if copied else "inserted"), start + at - from_, "was not written here"
