from ingest.readers.file import Bounds
from tests.documents import post
from tests.unit.ingest.readers.reading import read_all


def test_each_mail_is_a_document():
    found = read_all("box.mbox", post.mailbox(3))
    assert [(each.path, each.title) for each in found] == [
        ("box.mbox/00001.eml", "Ticket 0"),
        ("box.mbox/00002.eml", "Ticket 1"),
        ("box.mbox/00003.eml", "Ticket 2"),
    ]


def test_a_sentence_may_begin_with_from():
    box = post.mailbox(1).replace(b"The router", b"Lost.\nFrom here on\n\n>From there the router")
    found = read_all("box", box)
    assert len(found) == 1
    assert found[0].text.endswith("Lost.\nFrom here on\n\nFrom there the router has four ports.")


def test_a_mailbox_has_its_bounds():
    assert [each.code for each in read_all("box.mbox", post.mailbox(4), Bounds(members=3))] == ["bomb"]
