"""Scans through the real tesseract, in the real reading process."""

import shutil
from collections.abc import AsyncIterator

import pytest

from appliance.settings.knowledge import Reading
from ingest.content import Content
from ingest.readers.room import ReadingRoom
from tests.documents import paper
from tests.peers.missing import PeerMissing, skipping_when_missing

WORDS = ["Ticket 4711 is open since Monday", "VLAN 300 at port GPON 0/7"]


@pytest.fixture(autouse=True)
def _tesseract() -> None:
    with skipping_when_missing():
        if shutil.which("tesseract") is None:
            raise PeerMissing("tesseract is not installed (Debian, Ubuntu: apt install tesseract-ocr)")


@pytest.fixture
async def room() -> AsyncIterator[ReadingRoom]:
    room = ReadingRoom(Reading(processes=1))
    yield room
    await room.close()


@pytest.mark.parametrize("kind", ["PDF", "PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF"])
async def test_a_scan_is_read(room: ReadingRoom, kind: str):
    data = paper.scanned(WORDS) if kind == "PDF" else paper.picture(WORDS, kind)
    (found,) = [each async for each in room.read(f"scan.{kind.lower()}", data)]
    assert isinstance(found, Content), found
    assert found.text.split() == " ".join(WORDS).split()
    assert {each.spot.page for each in found.blocks} == {1}


async def test_a_language_that_is_not_there_is_told():
    room = ReadingRoom(Reading(processes=1, scan_languages=("zzz",)))
    (found,) = [each async for each in room.read("scan.png", paper.picture(WORDS))]
    await room.close()
    assert "lacks one of the languages zzz" in found.reason
