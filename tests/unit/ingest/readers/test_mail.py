from ingest.content import Content
from ingest.readers.mail import split_quotes
from tests.documents import office, paper, post
from tests.unit.ingest.readers.reading import read, read_all


def test_own_words_quotes_and_signature_are_apart():
    content = read("a.eml", post.mail())
    assert content.title == "Line down"
    assert [(each.kind, each.text, each.level) for each in content.blocks] == [
        ("heading", "Line down", 1),
        (
            "paragraph",
            "From: Anna Example <anna@telecom.example>\nTo: support@telecom.example\n"
            "Date: Mon, 03 Mar 2031 11:00:00 +0000",
            0,
        ),
        ("paragraph", "Hello,", 0),
        ("paragraph", "the line of customer 4711 is down since Monday.", 0),
        ("heading", "On Mon, 3 Mar 2031 at 10:11, Support wrote:", 2),
        ("paragraph", "Which lamp is red?\nPlease look at the router.", 0),
        ("heading", "Reply", 2),
        ("paragraph", "Kind regards", 0),
        ("heading", "Signature", 2),
        ("paragraph", "Anna Example\nRingfence Telecom", 0),
    ]


def test_attachments_are_documents_of_their_own():
    found = read_all("a.eml", post.mail(files={"Handbuch.docx": office.word(), "../../x.pdf": paper.handbook(1)}))
    assert [each.path for each in found] == ["a.eml", "a.eml/Handbuch.docx", "a.eml/x.pdf"]
    assert all(isinstance(each, Content) for each in found)


def test_a_mail_in_a_mail_is_one_too():
    found = read_all("a.eml", post.nested(2))
    assert [each.path for each in found][:2] == ["a.eml", "a.eml/attachment 1.eml"]
    assert found[-1].blocks[-1].text == "The router has four ports."


def test_a_mail_in_html_only_is_read():
    content = read("a.eml", post.hypertext())
    assert content.title == "Störung"
    assert [each.text for each in content.blocks][-2:] == ["Ihr Anschluss ist gestört.", "Seit | 10 Uhr"]


def test_quotes_in_a_row_are_answered_one_by_one():
    texts = [each.text for each in split_quotes("> first?\nyes\n> second?\nno")]
    assert texts == ["Quoted", "first?", "Reply", "yes", "Quoted", "second?", "Reply", "no"]
