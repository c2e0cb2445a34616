import pytest

from ingest.readers.file import Bounds
from ingest.readers.image import size
from tests.documents import hostile, paper
from tests.unit.ingest.readers.reading import refused


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_the_size_is_read_of_the_header(kind):
    assert size(paper.picture(["one", "two"], kind)) == (1400, 260)


def test_a_picture_that_would_fill_the_memory_is_refused():
    assert refused("a.png", hostile.png(50_000, 50_000)) == "too_large"
    assert refused("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF") == "damaged"
    assert refused("a.png", b"\x89PNG\r\n\x1a\n\0\0") == "damaged"


def test_without_text_it_says_why():
    assert refused("a.png", hostile.png(10, 10), Bounds(languages="zzz")) == "empty"
