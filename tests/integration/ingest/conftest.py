"""Every index there is, behind one fixture: what passes here may stand behind `ingest.index.Index`."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ingest.embedded import EmbeddedIndex
from ingest.index import Index
from ingest.twin import TwinIndex
from ingest.weaviate.index import WeaviateIndex
from tests.integration.ingest.shelf import Shelf
from tests.peers.weaviate import Weaviate

KINDS = ["twin", "embedded", "weaviate"]
Make = Callable[[], Index]


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    match request.param:
        case "twin":
            return TwinIndex
        case "embedded":
            return lambda: EmbeddedIndex(tmp_path / "index")
    weaviate: Weaviate = request.getfixturevalue("weaviate")
    return lambda: WeaviateIndex(weaviate.index)


@pytest.fixture
async def index(make: Make) -> AsyncIterator[Index]:
    made = make()
    yield made
    for tenant in await made.tenants():
        await made.drop(tenant)
    await made.close()


@pytest.fixture
def shelf(index: Index) -> Shelf:
    return Shelf(index)
