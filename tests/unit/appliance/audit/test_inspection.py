"""Whatever is done to stored blocks, the inspection says so; what nobody touched, it never accuses."""

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.audit.chain import Block, Chain, TenantKeys
from appliance.audit.inspection import Finding, Inspection

KEYS = TenantKeys(b"r" * 32, "acme")


def written(sizes: list[int], writer: str = "w", keys: TenantKeys = KEYS) -> list[Block]:
    chain = Chain(keys, writer, [])
    blocks: list[Block] = []
    for number, size in enumerate(sizes):
        lines = [b'{"at":%d,"action":"chat","n":%d}' % (number, n) for n in range(size)]
        blocks += chain.seal([(number, line) for line in lines])
    return blocks


def inspect(blocks: list[Block], vouched: dict[int, bytes]) -> list[Finding]:
    inspection = Inspection(KEYS, "w", vouched)
    findings = [finding for block in blocks for finding in inspection.take(block)]
    return [*findings, *inspection.end()]


def stored(blocks: list[Block]) -> list[Block]:
    """As the primary key orders them."""
    return sorted(blocks, key=lambda block: block.sequence)


def changed(blocks: list[Block], sequence: int, **values: object) -> list[Block]:
    return stored([msgspec.structs.replace(b, **values) if b.sequence == sequence else b for b in blocks])


def body_of(block: Block, lines: list[bytes]) -> dict[str, object]:
    return {"body": b"\n".join(lines)}


CHAIN = written([3, 2, 4, 1, 2])
END = {5: CHAIN[-1].mac}


def only(findings: list[Finding]) -> tuple[str, int, int | None]:
    assert len(findings) == 1, findings
    return findings[0].kind, findings[0].sequence, findings[0].entry


def test_an_untouched_chain_has_no_findings():
    assert inspect(CHAIN, END) == []


def test_an_anchor_that_is_behind_is_no_finding():
    assert inspect(CHAIN, {3: CHAIN[2].mac}) == []
    assert inspect(CHAIN, {}) == []


def test_an_altered_entry_is_named():
    lines = CHAIN[2].lines
    lines[1] = lines[1].replace(b"chat", b"talk")
    assert only(inspect(changed(CHAIN, 3, **body_of(CHAIN[2], lines)), END)) == ("altered", 3, 7)


def test_a_deleted_entry_is_named():
    lines = CHAIN[2].lines
    del lines[2]
    assert only(inspect(changed(CHAIN, 3, **body_of(CHAIN[2], lines)), END)) == ("missing", 3, 8)


def test_an_inserted_entry_is_named():
    lines = CHAIN[2].lines
    lines.insert(1, b'{"at":1,"action":"forged"}')
    assert only(inspect(changed(CHAIN, 3, **body_of(CHAIN[2], lines)), END)) == ("inserted", 3, 7)


def test_a_duplicated_entry_is_named():
    lines = CHAIN[2].lines
    lines.append(lines[0])
    assert only(inspect(changed(CHAIN, 3, **body_of(CHAIN[2], lines)), END)) == ("duplicated", 3, 10)


def test_reordered_entries_are_named():
    lines = CHAIN[2].lines
    lines[1], lines[2] = lines[2], lines[1]
    assert only(inspect(changed(CHAIN, 3, **body_of(CHAIN[2], lines)), END)) == ("reordered", 3, 7)


def test_a_deleted_block_is_named_with_its_first_entry():
    assert only(inspect(CHAIN[:2] + CHAIN[3:], END)) == ("missing", 3, 6)


def test_a_deleted_first_block_is_named():
    assert only(inspect(CHAIN[1:], END)) == ("missing", 1, 1)


def test_a_cut_tail_is_named_with_its_first_entry():
    finding = inspect(CHAIN[:3], END)
    assert only(finding) == ("truncated", 4, 10)
    assert "4 was cut off the end to 5" in finding[0].text


def test_a_whole_removed_chain_is_named():
    assert only(inspect([], END)) == ("truncated", 1, 1)


def test_swapped_blocks_are_named():
    second, third = CHAIN[1], CHAIN[2]
    swapped = [
        CHAIN[0],
        msgspec.structs.replace(third, sequence=2),
        msgspec.structs.replace(second, sequence=3),
        *CHAIN[3:],
    ]
    assert [(f.kind, f.sequence) for f in inspect(swapped, END)] == [("reordered", 2), ("reordered", 3)]


def test_a_copy_at_the_end_is_named():
    copy = msgspec.structs.replace(CHAIN[1], sequence=6)
    assert only(inspect([*CHAIN, copy], END)) == ("duplicated", 6, 4)


def test_a_forged_block_at_the_end_is_named():
    forger = TenantKeys(b"guess", "acme")
    draft = msgspec.structs.replace(CHAIN[-1], sequence=6, first=13, previous=CHAIN[-1].mac)
    forged = msgspec.structs.replace(draft, mac=forger.mac(draft))
    assert only(inspect([*CHAIN, forged], END)) == ("inserted", 6, None)


def test_another_chain_of_the_same_key_cannot_take_its_place():
    other = [msgspec.structs.replace(block, writer="w") for block in written([3, 2, 4, 1, 2], writer="v")]
    assert {finding.kind for finding in inspect(other, END)} == {"altered"}


def test_a_chain_written_anew_under_the_key_is_found_by_the_anchor():
    anew = written([3, 2, 4, 1, 2, 1])
    lied = Chain(KEYS, "w", [])
    blocks = [block for size in (3, 2, 4, 1, 1) for block in lied.seal([(0, b"{}")] * size)]
    assert inspect(anew, END) == []
    assert [finding.sequence for finding in inspect(blocks, END)] == [5]


@dataclass(frozen=True)
class Tampering:
    name: str
    sequence: int
    other: int
    entry: int
    byte: int


TAMPERINGS = st.builds(
    Tampering,
    name=st.sampled_from(["flip", "delete", "copy", "swap", "truncate", "drop_entry", "swap_entries", "number"]),
    sequence=st.integers(0, 1 << 20),
    other=st.integers(0, 1 << 20),
    entry=st.integers(0, 1 << 20),
    byte=st.integers(0, 1 << 20),
)
BYTES_FIELDS = ("body", "tags", "mac", "previous")
NUMBER_FIELDS = ("first", "count", "earliest", "latest")


def tamper(blocks: list[Block], how: Tampering) -> list[Block]:
    at = how.sequence % len(blocks)
    block = blocks[at]
    rest = [*blocks[:at], *blocks[at + 1 :]]
    match how.name:
        case "flip":
            field = BYTES_FIELDS[how.other % len(BYTES_FIELDS)]
            value = bytearray(getattr(block, field))
            if not value:  # an earlier tampering left nothing of it
                return blocks
            value[how.byte % len(value)] ^= 1 << how.entry % 8
            return stored([*rest, msgspec.structs.replace(block, **{field: bytes(value)})])
        case "delete":
            return rest
        case "copy":
            return stored([*blocks, msgspec.structs.replace(block, sequence=len(blocks) + 1 + how.other % 3)])
        case "swap":
            other = blocks[how.other % len(blocks)]
            names = {block.sequence: other.sequence, other.sequence: block.sequence}
            moved = [msgspec.structs.replace(b, sequence=names.get(b.sequence, b.sequence)) for b in blocks]
            return stored(moved)
        case "truncate":
            return blocks[:at]
        case "drop_entry":
            lines = block.lines
            del lines[how.entry % len(lines)]
            return changed(blocks, block.sequence, body=b"\n".join(lines))
        case "swap_entries":
            lines = block.lines
            a, b = how.entry % len(lines), how.other % len(lines)
            lines[a], lines[b] = lines[b], lines[a]
            return changed(blocks, block.sequence, body=b"\n".join(lines))
        case _:
            field = NUMBER_FIELDS[how.other % len(NUMBER_FIELDS)]
            return changed(blocks, block.sequence, **{field: getattr(block, field) + 1 + how.byte})


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.lists(TAMPERINGS, max_size=3))
def test_every_tampering_is_found_and_nothing_else(sizes: list[int], tamperings: list[Tampering]):
    original = written(sizes)
    blocks = original
    for how in tamperings:
        if blocks:
            blocks = tamper(blocks, how)
    findings = inspect(blocks, {len(original): original[-1].mac})
    assert bool(findings) == (blocks != original)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=12), st.data())
def test_a_tail_is_missed_only_as_far_as_the_anchor_is_behind(sizes: list[int], data: st.DataObject):
    blocks = written(sizes)
    anchored = data.draw(st.integers(1, len(blocks)))
    kept = data.draw(st.integers(0, len(blocks)))
    findings = inspect(blocks[:kept], {anchored: blocks[anchored - 1].mac})
    assert [finding.kind for finding in findings] == (["truncated"] if kept < anchored else [])


@pytest.mark.parametrize("sequence", [-3, 0])
def test_a_row_before_the_first_is_found(sequence: int):
    stray = msgspec.structs.replace(CHAIN[0], sequence=sequence)
    assert inspect([stray, *CHAIN], END) != []
