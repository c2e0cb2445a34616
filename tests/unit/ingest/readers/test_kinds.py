import pytest

from appliance.errors import Unreadable
from ingest.readers.file import File
from ingest.readers.kinds import format_of, misnamed
from tests.documents import archives, office, paper, post
from tests.unit.ingest.readers.reading import read


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (office.word(), "docx"),
        (office.workbook(), "xlsx"),
        (office.slides(), "pptx"),
        (archives.packed({"a.txt": b"a"}), "zip"),
        (archives.packed({"a.pdf": b"%PDF-1.7"}, stored=True), "zip"),
        (paper.handbook(1), "pdf"),
        (paper.picture(["a"], "JPEG"), "image"),
        (paper.picture(["a"], "TIFF"), "image"),
        (paper.picture(["a"], "BMP"), "image"),
        (paper.picture(["a"], "WEBP"), "image"),
        (post.mail(), "mail"),
        (post.mailbox(2), "mbox"),
        (b"<!DOCTYPE html><p>a</p>", "html"),
        (b"# One\n\ntext\n\n## Two\n", "markdown"),
        (b"openapi: 3.1.0\ninfo: {}\npaths: {}\n", "openapi"),
        (b'{"swagger": "2.0", "paths": {}}', "openapi"),
        (b"a;b;c\n1;2;3\n4;5;6\n", "csv"),
        (b"hostname r1\n!\ninterface Gi0/1\n!\nrouter bgp 65000\n", "configuration"),
        (b"r1# show version\nRing OS 7\n", "configuration"),
        (b"The router has four ports.", "text"),
        (b"BM is short for Bundesministerium, which is text.", "text"),
    ],
)
def test_content_tells_the_format_whatever_the_name(data, expected):
    assert format_of(File("document", data)) == expected
    assert format_of(File("wrong.pdf", data)) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("a.md", "markdown"), ("a.txt", "text"), ("a.csv", "csv"), ("a.bin", "text")]
)
def test_the_name_decides_where_the_content_leaves_it_open(name, expected):
    assert format_of(File(name, b"One line, and another\nsecond, third\n")) == expected


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"  \n ", "empty"),
        (b"\x7fELF\x02\x01", "executable"),
        (b"\x80\x04\x95abc.", "executable"),
        (b"\x1f\x8b\x08\0", "unknown_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "unknown_format"),
        (bytes(range(256)), "unknown_format"),
    ],
)
def test_what_is_never_read_is_refused_by_name(data, fault):
    with pytest.raises(Unreadable) as refused:
        format_of(File("a.txt", data))
    assert refused.value.fault == fault


def test_a_wrong_name_is_noted():
    assert read("page.pdf", b"<!doctype html><p>a</p>").notes == (
        "the name says .pdf, but it is html and was read as that",
    )
    assert misnamed("a.docx", "docx") == misnamed("noname", "pdf") == misnamed("a.log", "text") == ""
