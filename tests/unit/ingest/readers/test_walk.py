from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.content import Content, Unread
from ingest.readers.file import Bounds, Fault, File
from ingest.readers.walk import READERS, documents
from tests.documents import archives, office, post
from tests.unit.ingest.readers.reading import read, read_all, refused

INNER = archives.packed({"c.txt": b"two", "d.txt": b"three"})
OUTER = archives.packed({"a.txt": b"one", "b.zip": INNER, "e.txt": b"four"})


def texts(skip: int) -> list[str]:
    found = documents(File("o.zip", OUTER), Bounds(), skip)
    return [each.text for each in found if isinstance(each, Content)]


def test_files_in_files_are_read_in_their_order():
    begun = [each.path for each in documents(File("o.zip", OUTER), Bounds()) if isinstance(each, File)]
    assert begun == ["o.zip", "o.zip/a.txt", "o.zip/b.zip", "o.zip/b.zip/c.txt", "o.zip/b.zip/d.txt", "o.zip/e.txt"]
    assert texts(0) == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("skip", "left"),
    [(1, []), (2, ["two", "three", "four"]), (3, ["four"]), (4, ["three", "four"]), (5, ["four"]), (6, [])],
)
def test_what_was_begun_is_not_read_again_and_the_last_of_it_not_even_opened(skip, left):
    assert texts(skip) == left


def test_what_a_mail_says_is_not_told_twice():
    data = post.mail(files={"a.txt": b"one", "b.txt": b"two"})
    assert [each.text for each in documents(File("m.eml", data), Bounds(), 2) if isinstance(each, Content)] == ["two"]


def test_bounds_hold_for_all_that_is_packed_together():
    assert [getattr(each, "code", "") for each in read_all("o.zip", OUTER, Bounds(depth=1))] == [
        "",
        "too_deep",
        "too_deep",
        "",
    ]
    found = read_all("o.zip", OUTER, Bounds(expanded=len(INNER) + len("onefour")))
    assert isinstance(found[-1], Unread)
    assert (found[-1].path, found[-1].code) == ("o.zip", "bomb")


def test_an_archive_in_an_archive_shares_the_proportion():
    inner = archives.packed({str(number): b" a" * (1 << 20) for number in range(4)})
    found = read_all("a.zip", archives.packed({f"{number}.zip": inner for number in range(40)}))
    assert found[-1].code == "bomb"
    assert len(found) < 20


def test_text_has_its_bound_and_no_text_is_told():
    assert refused("a.txt", b"four", Bounds(text=3)) == "too_large"
    assert refused("a.txt", b"four", Bounds(size=3)) == "too_large"
    assert refused("a.html", b"<html><p hidden>a</p>") == "empty"


def test_an_error_of_a_library_is_told_without_its_words():
    found = read_all("a.json", b'{"openapi": "3.1.0", "paths": {"secret": ')
    assert [(each.code, "secret" in each.reason) for each in found] == [("damaged", False)]


def test_a_format_has_a_reader():
    assert len(READERS) == 14
    assert read("a.txt", "a").path == "a.txt"


WHOLE = {
    "a.docx": office.word(),
    "a.xlsx": office.workbook(),
    "a.pptx": office.slides(),
    "a.eml": post.mail(files={"a.zip": OUTER}),
    "a.zip": OUTER,
    "a.html": b"<!doctype html><main><h1>A</h1><table><tr><td>b<td>c</table><ul><li>d<li>e</ul></main>",
    "a.md": b"# A\n\n- b\n- c\n\n| d | e |\n|---|---|\n| f | g |\n\n```\nh\n```\n",
    "a.yaml": b"openapi: 3.1.0\npaths:\n  /a: {get: {summary: b, parameters: [{name: c, in: query}]}}\n",
    "a.cfg": b"hostname a\n!\ninterface b\n ip address c\n!\nrouter bgp 1\n neighbor d\n",
}


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_broken_in_a_file_it_ends_with_documents_or_reasons(name: str, data: st.DataObject):
    broken = bytearray(WHOLE[name])
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(broken) - 1), st.integers(0, 255)), max_size=12)
    ):
        broken[place] = value
    cut = data.draw(st.integers(0, len(broken)))
    found = read_all(name, bytes(broken if data.draw(st.booleans()) else broken[:cut]))
    assert found
    assert all(isinstance(each, Content | Unread) for each in found)
    assert all(each.code in get_args(Fault) and each.reason for each in found if isinstance(each, Unread))
    assert all(each.text.strip() for each in found if isinstance(each, Content))
