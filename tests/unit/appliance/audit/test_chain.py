import msgspec
import pytest

from appliance.audit.chain import (
    BLOCK_ENTRIES,
    GENESIS,
    Block,
    Chain,
    Head,
    TenantKeys,
    decode_heads,
    encode_heads,
)

ROOT = b"r" * 32
KEYS = TenantKeys(ROOT, "acme")


def entries(count: int, start: int = 0) -> list[tuple[int, bytes]]:
    return [(1000 + n, b'{"at":%d,"action":"chat"}' % (1000 + n)) for n in range(start, start + count)]


def test_a_chain_numbers_its_blocks_and_entries():
    chain = Chain(KEYS, "w", [])
    first, second = [*chain.seal(entries(3)), *chain.seal(entries(2, start=3))]
    assert (first.sequence, first.first, first.count, first.previous) == (1, 1, 3, GENESIS)
    assert (second.sequence, second.first, second.count, second.previous) == (2, 4, 2, first.mac)
    assert (second.earliest, second.latest) == (1003, 1004)
    assert second.lines == [line for _, line in entries(2, start=3)]
    assert chain.head == second.head == Head("acme", "w", 2, second.mac)


def test_a_long_batch_becomes_several_blocks():
    blocks = list(Chain(KEYS, "w", []).seal(entries(2 * BLOCK_ENTRIES + 1)))
    assert [block.count for block in blocks] == [BLOCK_ENTRIES, BLOCK_ENTRIES, 1]
    assert [block.first for block in blocks] == [1, BLOCK_ENTRIES + 1, 2 * BLOCK_ENTRIES + 1]


def test_only_the_first_block_names_parents():
    parents = [Head("acme", "v", 7, b"m" * 32), Head("acme", "u", 0, GENESIS)]
    chain = Chain(KEYS, "w", parents)
    first, second = [*chain.seal(entries(1)), *chain.seal(entries(1))]
    assert decode_heads(first.parents) == parents
    assert decode_heads(second.parents) == []
    assert decode_heads(encode_heads([])) == []


@pytest.mark.parametrize("field", [name for name in Block.__struct_fields__ if name != "body"])
def test_the_mac_covers_everything_but_the_entries(field: str):
    block = next(Chain(KEYS, "w", []).seal(entries(3)))
    value = getattr(block, field)
    other = value + {str: "x", int: 1, bytes: b"x"}[type(value)]
    assert KEYS.is_genuine(block)
    assert not KEYS.is_genuine(msgspec.structs.replace(block, **{field: other}))


def test_a_block_is_genuine_under_its_own_tenants_key_only():
    block = next(Chain(KEYS, "w", []).seal(entries(1)))
    renamed = msgspec.structs.replace(block, tenant="other")
    assert not TenantKeys(ROOT, "other").is_genuine(renamed)
    assert not TenantKeys(b"another key", "acme").is_genuine(block)


def test_fields_cannot_flow_into_each_other():
    block = next(Chain(KEYS, "w", []).seal(entries(1)))
    one = msgspec.structs.replace(block, previous=b"ab", parents=b"c")
    another = msgspec.structs.replace(block, previous=b"a", parents=b"bc")
    assert KEYS.mac(one) != KEYS.mac(another)


def test_tags_bind_each_entry():
    block = next(Chain(KEYS, "w", []).seal(entries(3)))
    tags = KEYS.tags(block.lines)
    assert b"".join(tags) == block.tags
    assert KEYS.tags([b"changed", *block.lines[1:]])[1:] == tags[1:]
    assert len(set(tags)) == 3
