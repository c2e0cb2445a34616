"""Every index there is, behind one fixture: what passes here may stand behind `ingest.index.Index`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ingest.embedded import EmbeddedIndex
from ingest.index import Index
from ingest.twin import TwinIndex
from tests.integration.ingest.shelf import Shelf

OURS = ["twin", "embedded"]


@pytest.fixture(params=OURS)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Index]:
    made: Index = TwinIndex() if request.param == "twin" else EmbeddedIndex(tmp_path / "index")
    yield made
    await made.close()


@pytest.fixture
def shelf(index: Index) -> Shelf:
    return Shelf(index)
