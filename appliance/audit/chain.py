"""How entries become blocks, and how a block proves that nobody changed it.

    entry ── tag ──┐               a tag is a keyed digest of one entry
    entry ── tag ──┼── MAC ──┐     the MAC covers the tags, the numbers and the MAC of the block before
    entry ── tag ──┘         │
                     block 1 ┴─ block 2 ── block 3 ...    a chain for each tenant and writer (a process's run)

The first block of a chain names its parents: the ends of the tenant's chains that no block had named before,
as a merge in version control does. So every block but the last ones is vouched for by a later block, and
those few ends stand in the anchor. No tenant's chain can pass for another's: each has keys of its own.

Keeping less than everything (retention) will mean a signed checkpoint in place of the blocks before it.
"""

import hmac
from collections.abc import Iterator, Sequence
from hashlib import blake2b, sha256

import msgspec
from msgspec import Struct

BLOCK_ENTRIES = 1_000
TAG_BYTES = 16
GENESIS = bytes(32)

Stamped = tuple[int, bytes]  # an entry's time and its line


class Head(Struct, frozen=True):
    """The end of a chain; sequence 0 is a chain that was announced and may have no block yet."""

    tenant: str
    writer: str
    sequence: int
    mac: bytes


class Block(Struct, frozen=True):
    """What one writer stored for one tenant in one commit."""

    tenant: str
    writer: str
    sequence: int  # of this block in its chain, from 1
    first: int  # number of its first entry in its chain, from 1
    count: int
    earliest: int  # times of its entries, in microseconds since the epoch
    latest: int
    previous: bytes
    parents: bytes
    tags: bytes
    body: bytes
    mac: bytes

    @property
    def head(self) -> Head:
        return Head(self.tenant, self.writer, self.sequence, self.mac)

    @property
    def lines(self) -> list[bytes]:
        return self.body.split(b"\n")


class TenantKeys:
    """The keys of one tenant, all derived from the one that is configured."""

    def __init__(self, root: bytes, tenant: str) -> None:
        self.tenant = tenant
        self._block = _derived(root, "block", tenant)
        self._entry = _derived(root, "entry", tenant)
        self.text = _derived(root, "text", tenant)

    def mac(self, block: Block, sequence: int | None = None) -> bytes:
        """What the MAC of this block must be, where it stands or at another place in its chain."""
        fields = (
            self.tenant.encode(errors="surrogatepass"),
            block.writer.encode(errors="surrogatepass"),
            str(block.sequence if sequence is None else sequence).encode(),
            b"%d %d %d %d" % (block.first, block.count, block.earliest, block.latest),
            block.previous,
            block.parents,
            sha256(block.tags).digest(),
        )
        # Each field carries its length, so no two blocks are written alike.
        written = b"".join(b"%d:%b" % (len(field), field) for field in fields)
        return hmac.digest(self._block, written, "sha256")

    def is_genuine(self, block: Block, sequence: int | None = None) -> bool:
        return block.tenant == self.tenant and hmac.compare_digest(self.mac(block, sequence), block.mac)

    def tags(self, lines: Sequence[bytes]) -> list[bytes]:
        return [blake2b(line, key=self._entry, digest_size=TAG_BYTES).digest() for line in lines]


class Chain:
    """The growing chain of one tenant and one writer."""

    def __init__(self, keys: TenantKeys, writer: str, parents: Sequence[Head]) -> None:
        self.keys = keys
        self.parents = tuple(parents)
        self.head = Head(keys.tenant, writer, 0, GENESIS)
        self._next_entry = 1

    def seal(self, stamped: Sequence[Stamped]) -> Iterator[Block]:
        for start in range(0, len(stamped), BLOCK_ENTRIES):
            yield self._seal(stamped[start : start + BLOCK_ENTRIES])

    def _seal(self, stamped: Sequence[Stamped]) -> Block:
        times, lines = zip(*stamped, strict=True)
        opening = self.head.sequence == 0
        draft = Block(
            tenant=self.head.tenant,
            writer=self.head.writer,
            sequence=self.head.sequence + 1,
            first=self._next_entry,
            count=len(lines),
            earliest=min(times),
            latest=max(times),
            previous=self.head.mac,
            parents=encode_heads(self.parents) if opening else b"",
            tags=b"".join(self.keys.tags(lines)),
            body=b"\n".join(lines),
            mac=b"",
        )
        block = msgspec.structs.replace(draft, mac=self.keys.mac(draft))
        self.head = block.head
        self._next_entry += block.count
        return block


def encode_heads(heads: Sequence[Head]) -> bytes:
    return msgspec.json.encode(heads) if heads else b""


def decode_heads(encoded: bytes) -> list[Head]:
    return msgspec.json.decode(encoded, type=list[Head]) if encoded else []


def anchor_key(root: bytes) -> bytes:
    return _derived(root, "anchor", "")


def _derived(root: bytes, purpose: str, tenant: str) -> bytes:
    return hmac.digest(root, b"ringfence audit %b\0%b" % (purpose.encode(), tenant.encode()), "sha256")
