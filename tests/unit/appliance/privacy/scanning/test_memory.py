import gc
import tracemalloc

from appliance.privacy.scanning.memory import ENTRY_BYTES, SPAN_BYTES, Memory, digest_of
from appliance.privacy.span import Span

SPAN = Span(0, 4, "PERSON", 1.0, "test")


def test_what_was_put_is_there():
    memory = Memory(10_000)
    memory.put(b"a", (SPAN,))
    memory.put(b"b", ())
    assert memory.get(b"a") == (SPAN,)
    assert memory.get(b"b") == ()
    assert memory.get(b"c") is None


def test_the_longest_unasked_goes_first():
    memory = Memory(2 * (ENTRY_BYTES + SPAN_BYTES))
    for name in (b"a", b"b"):
        memory.put(name, (SPAN,))
    memory.get(b"a")
    memory.put(b"c", (SPAN,))
    assert [memory.get(name) is None for name in (b"a", b"b", b"c")] == [False, True, False]


def test_the_same_again_takes_no_more():
    memory = Memory(2 * ENTRY_BYTES)
    for _ in range(10):
        memory.put(b"a", ())
    memory.put(b"b", ())
    assert len(memory) == 2


def test_an_entry_larger_than_all_is_not_kept():
    memory = Memory(ENTRY_BYTES)
    memory.put(b"a", (SPAN,) * 100)
    assert len(memory) == 0


def test_it_takes_no_more_than_it_says():
    """A dictionary grows in jumps, so a little above an entry's own size is in the figure."""
    bound = 1 << 20
    memory = Memory(bound)
    gc.collect()
    tracemalloc.start()
    for number in range(5_000):
        spans = tuple(Span(at, at + 4, "PERSON", 0.123 + at, "test") for at in range(3))
        memory.put(digest_of(b"key", b"", str(number)), spans)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < bound * 1.1


def test_a_digest_tells_keys_scopes_and_texts_apart():
    known = {
        digest_of(key, scope, text) for key in (b"a", b"b") for scope in (b"", b"x", b"xy") for text in ("", "y", "yz")
    }
    assert len(known) == 18
    assert digest_of(b"a", b"", "\ud800") != digest_of(b"a", b"", "?")
