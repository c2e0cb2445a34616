"""Every hostile file through the real reading process: it ends in time, with a reason, and the next file is read."""

import random
import time
from collections.abc import AsyncIterator
from typing import get_args

import pytest

from appliance.settings.knowledge import Reading
from ingest.content import Unread
from ingest.readers.file import Fault
from ingest.readers.room import ReadingRoom
from tests.documents import paper
from tests.documents.hostile import ALL, READ, TEXT, Hostile

HANG = 10.0
"""Seconds without a result."""


@pytest.fixture
async def room() -> AsyncIterator[ReadingRoom]:
    room = ReadingRoom(Reading(processes=1, seconds=8))
    yield room
    await room.close()


@pytest.mark.parametrize("hostile", ALL, ids=lambda each: each.name)
async def test_it_ends_with_a_reason(room: ReadingRoom, hostile: Hostile):
    data = hostile.make()
    assert [each async for each in room.read("first.txt", TEXT)]
    found, gaps, last = [], [], time.monotonic()
    async for each in room.read(hostile.name, data):
        found.append(each)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
    assert max([*gaps, time.monotonic() - last]) < HANG
    ends = {each.code if isinstance(each, Unread) else READ for each in found}
    assert ends and ends <= hostile.ends, found[:3]
    assert all(each.reason.endswith(".") for each in found if isinstance(each, Unread))
    assert not any("root:" in each.text for each in found if not isinstance(each, Unread))
    assert [each.text async for each in room.read("next.txt", TEXT)] == [TEXT.decode()]


async def test_a_pdf_that_is_broken_anywhere_breaks_nothing_else(room: ReadingRoom):
    whole, chance = paper.handbook(), random.Random(7)
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        found = [each async for each in room.read("a.pdf", bytes(broken[: chance.choice([None, len(broken) // 2])]))]
        assert found
        assert all(each.code in get_args(Fault) for each in found if isinstance(each, Unread))
