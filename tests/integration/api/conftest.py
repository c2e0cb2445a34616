"""A whole ring in this process, over real HTTP and a real database; only the engine is the twin."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from msgspec.structs import replace
from openai import AsyncOpenAI, OpenAI

from api import wiring
from api.app import App
from api.ring import Ring
from appliance.db import open_database
from appliance.identity.bootstrap import bootstrap
from appliance.identity.keys import Mint
from appliance.keyring import make_keyring
from appliance.migrations import runner
from appliance.privacy.people.namefinders import RAMPART
from appliance.settings import DatabaseSettings, Paths, Privacy, Settings
from inference.twin import Twin
from models.spec import find
from tests.peers.cache import compiled_patterns


@dataclass
class Running:
    """An appliance that answers: where, with which key, and the engine behind it."""

    ring: Ring
    app: App
    port: int
    key: str
    twin: Twin
    clients: list[AsyncOpenAI] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> AsyncOpenAI:
        made = AsyncOpenAI(base_url=f"{self.url}/v1", **{"api_key": self.key, "max_retries": 0, **options})
        self.clients.append(made)
        return made

    def blocking_client(self) -> OpenAI:
        return OpenAI(base_url=f"{self.url}/v1", api_key=self.key, max_retries=0)


Start = Callable[..., Any]


def _private(var: Path, given: Privacy) -> Privacy:
    """Names are looked for where a test brought the model."""
    return given if find(RAMPART).path(var).exists() else replace(given, names="off")


@asynccontextmanager
async def appliance(var: Path, twin: Twin, *others: Twin, **sections: Any) -> AsyncIterator[Running]:
    settings = Settings(
        **{
            "paths": Paths(var=var, cache=compiled_patterns()),
            "database": DatabaseSettings(url=f"sqlite+aiosqlite:///{var}/r.db"),
            **sections,
            "privacy": _private(var, sections.get("privacy", Privacy())),
        }
    )
    async with running(settings, [twin, *others]) as found:
        yield found


@asynccontextmanager
async def running(settings: Settings, twins: Sequence[Twin] = ()) -> AsyncIterator[Running]:
    """With the engines of the settings where there are no twins."""
    key = await first_key(settings)
    async with wiring.build(settings, "test", list(twins) or None) as ring:
        app = App(ring)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            config = uvicorn.Config(app, http="httptools", log_config=None, access_log=False, lifespan="on")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listener]))
            while not server.started:
                await asyncio.sleep(0.005)
            found = Running(ring, app, listener.getsockname()[1], key, twins[0] if twins else Twin())
            try:
                yield found
            finally:
                for client in found.clients:
                    await client.close()
                server.should_exit = True
                await serving


async def first_key(settings: Settings) -> str:
    database = open_database(settings)
    await runner.upgrade(database)
    file = await bootstrap(database, Mint(make_keyring(settings).pepper), settings.paths.var)
    await database.close()
    assert file is not None
    return file.read_text().strip()


@pytest.fixture
async def twin_appliance(tmp_path: Path) -> AsyncIterator[Running]:
    async with appliance(tmp_path, Twin()) as found:
        yield found
