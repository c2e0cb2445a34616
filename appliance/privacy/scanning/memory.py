"""What was found in a text before, so that turn n of a conversation costs what turn n adds.

No text is kept: an entry is a keyed digest and the places of the finds.
"""

from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from appliance.privacy.span import Span

DIGEST_SIZE = 16
# What the parts of an entry take, as measured with tracemalloc; rather too much than too little.
ENTRY_BYTES = 280
SPAN_BYTES = 200


class Memory:
    """Bounded by bytes; what was not asked for the longest goes first. Tenants meet in it, but their keys never do."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[bytes, tuple[Span, ...]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, digest: bytes) -> tuple[Span, ...] | None:
        with self._lock:
            spans = self._entries.get(digest)
            if spans is not None:
                self._entries.move_to_end(digest)
            return spans

    def put(self, digest: bytes, spans: tuple[Span, ...]) -> None:
        with self._lock:
            before = self._entries.pop(digest, None)
            if before is not None:
                self._bytes -= _size(before)
            self._entries[digest] = spans
            self._bytes += _size(spans)
            while self._bytes > self._most_bytes:
                _, gone = self._entries.popitem(last=False)
                self._bytes -= _size(gone)


def digest_of(key: bytes, scope: bytes, text: str) -> bytes:
    """`scope` tells apart what is looked for: other detectors and other terms find other things."""
    state = blake2b(len(scope).to_bytes(4, "big"), key=key[:64], digest_size=DIGEST_SIZE)
    state.update(scope)
    state.update(text.encode("utf-8", "surrogatepass"))
    return state.digest()


def _size(spans: tuple[Span, ...]) -> int:
    return ENTRY_BYTES + SPAN_BYTES * len(spans)
