import pytest

from appliance.errors import Unreadable
from ingest.readers.file import Bounds
from ingest.readers.package import Archive, Package, flavour
from tests.documents import archives, office


def xml(text: bytes) -> Package:
    return Package(archives.packed({"a.xml": text}), Bounds())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_type_is_refused_in_every_encoding(encoding):
    with pytest.raises(Unreadable) as refused:
        xml('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'.encode(encoding)).xml("a.xml")
    assert refused.value.fault == "unsafe"


def test_an_encoding_that_could_hide_one_is_not_followed():
    with pytest.raises(Unreadable) as refused:
        xml('<?xml version="1.0" encoding="cp037"?><!DOCTYPE a []><a/>'.encode("cp037")).xml("a.xml")
    assert refused.value.fault == "damaged"


def test_relations_stay_in_the_package():
    relations = b'<R><r Id="1" Type="x/slide" Target="../../../etc/passwd"/><r Id="2" TargetMode="External"/></R>'
    package = Package(archives.packed({"ppt/_rels/p.xml.rels": relations}), Bounds())
    assert package.relations("ppt/p.xml") == {"1": ("slide", "etc/passwd")}


@pytest.mark.parametrize(
    ("files", "bounds", "fault"),
    [
        ({"a": b"\0" * (11 << 20)}, Bounds(), "bomb"),
        ({"a": b"x", "b": b"x"}, Bounds(members=1), "bomb"),
        ({"a": b"x" * 100}, Bounds(expanded=99), "bomb"),
    ],
)
def test_an_archive_out_of_proportion_is_refused(files, bounds, fault):
    with pytest.raises(Unreadable) as refused:
        Archive(archives.packed(files), bounds)
    assert refused.value.fault == fault


def test_a_member_may_be_too_large():
    archive = Archive(archives.packed({"a": b"x" * 100}), Bounds(size=99))
    with pytest.raises(Unreadable) as refused:
        archive.read(archive.members[0])
    assert refused.value.fault == "too_large"


def test_a_zip_with_a_folder_of_that_name_is_no_document():
    assert flavour(archives.packed({"word/a.txt": b"a"})) == "zip"
    assert flavour(office.slides()) == "pptx"
