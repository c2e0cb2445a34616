"""Every index there is, behind one fixture: what passes here may stand behind `ingest.index.Index`."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from appliance.db import Database
from appliance.identity.accounts import create_tenant
from appliance.tables import Table
from ingest.embedded import EmbeddedIndex
from ingest.index import Index
from ingest.twin import TwinIndex
from ingest.weaviate.index import WeaviateIndex
from tests.integration.ingest.shelf import Shelf
from tests.integration.ingest.workshop import TENANTS, Workshop
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


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """With its tables and two tenants."""
    opened = Database(database_url)
    async with opened.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
    for tenant in TENANTS:
        await create_tenant(opened, tenant)
    yield opened
    await opened.close()


@pytest.fixture
async def workshop(database: Database, minilm_weights: Path, tmp_path: Path) -> AsyncIterator[Workshop]:
    async with Workshop.opened(database, minilm_weights, tmp_path) as made:
        yield made
