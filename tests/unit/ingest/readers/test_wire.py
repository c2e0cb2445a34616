from io import BytesIO

from msgspec import msgpack

from ingest.content import Unread
from ingest.readers.wire import Job, Reply, framed, head, received


def test_frames_come_back_one_by_one_and_then_none():
    stream = BytesIO(framed(Job("a", 0)) + head(b"1") + b"1" + framed(Reply(begun="a")))
    assert msgpack.decode(received(stream), type=Job) == Job("a", 0)
    assert received(stream) == b"1"
    assert msgpack.decode(received(stream), type=Reply).begun == "a"
    assert received(stream) == b""


def test_only_a_reply_with_nothing_ends_a_job():
    assert Reply().is_end
    assert Reply(worn=True).is_end
    assert not Reply(begun="a").is_end
    assert not Reply(unread=Unread("a", "b", "c")).is_end
