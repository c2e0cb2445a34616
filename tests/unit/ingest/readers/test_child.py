from ingest.readers.child import replies
from ingest.readers.file import Bounds, File
from ingest.readers.wire import Orders
from tests.documents import archives


def test_a_job_says_what_it_begins_what_it_finds_and_when_it_ends():
    seconds: list[float] = []
    data = archives.packed({"a.txt": b"one", "b.txt": b""})
    found = list(replies(File("o.zip", data), 0, Orders(Bounds(), 7, 1 << 40), seconds.append))
    told = [each.begun or (each.content and each.content.text) or (each.unread and each.unread.code) for each in found]
    assert told == ["o.zip", "o.zip/a.txt", "one", "o.zip/b.txt", "empty", None]
    assert seconds == [7, 7, 7]
    assert found[-1].is_end
    assert not found[-1].worn
