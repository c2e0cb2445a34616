"""The demo's documents are read as they were written."""

from itertools import islice

from ingest.demo import documents


def test_documents_come_with_what_a_reader_would_make_of_them():
    for written in islice(documents(), 40):
        assert written.document.title == written.content.title
        assert written.content.blocks[0].kind == "heading"
        assert written.content.text.startswith(written.content.blocks[0].text)
