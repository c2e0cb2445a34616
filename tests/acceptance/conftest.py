"""Appliances that tests share, and a maker of others for tests that break them."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI

from appliance.errors import ModelError
from appliance.privacy.people.namefinders import RAMPART
from models import starter as shelf_of
from tests.acceptance.product import CHAT, CHAT_MODEL, EMBEDDER, EMBEDDING_MODEL, Appliance, appliance
from tests.peers.cache import Tell, user_cache
from tests.peers.missing import PeerMissing, skipping_when_missing
from tests.peers.vllm import VllmServer

Build = Callable[..., AbstractContextManager[Appliance]]


@pytest.fixture(scope="session")
def shelf(tell: Tell) -> Path:
    """A folder that has the starter models, fetched once and kept in the user's cache."""
    folder = user_cache() / "peers" / "shelf"
    with skipping_when_missing():
        try:
            for name in (CHAT_MODEL, EMBEDDING_MODEL, RAMPART):
                shelf_of.fetch(name, folder, tell)
        except ModelError as error:
            raise PeerMissing(str(error)) from error
    return folder


@pytest.fixture(scope="session")
def build(shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Starts an appliance with these sections of settings; to be used in a `with`."""

    def build(**sections: Any) -> AbstractContextManager[Appliance]:
        return appliance(tmp_path_factory.mktemp("appliance") / "ringfence", shelf, {"engines": [CHAT], **sections})

    return build


@pytest.fixture(scope="session")
def starter(build: Build) -> Iterator[Appliance]:
    """The two starter models on llama.cpp. Tests that share it must leave it as it is."""
    with build(engines=[CHAT, EMBEDDER], server={"workers": 2}) as running:
        yield running


@pytest.fixture(scope="session")
def behind_vllm(build: Build, vllm_server: VllmServer) -> Iterator[Appliance]:
    """The same API in front of a real vLLM."""
    with build(engines=[vllm_engine(vllm_server)]) as running:
        yield running


def vllm_engine(server: VllmServer, *urls: str, **settings: Any) -> Mapping[str, Any]:
    return {"name": "vllm", "kind": "vllm", "urls": [*urls] or [server.url], "key": server.key, **settings}


@pytest.fixture(scope="session", params=["llamacpp", "vllm"])
def served(request: pytest.FixtureRequest) -> Appliance:
    """Each kind of engine in turn: what callers rely on is the same on both."""
    found: Appliance = request.getfixturevalue({"llamacpp": "starter", "vllm": "behind_vllm"}[request.param])
    return found


@pytest.fixture
def client(served: Appliance) -> Iterator[OpenAI]:
    with served.client() as opened:
        yield opened


@pytest.fixture
async def async_client(served: Appliance) -> AsyncIterator[AsyncOpenAI]:
    async with served.async_client() as opened:
        yield opened
