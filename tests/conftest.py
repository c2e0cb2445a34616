"""The real peers, each started once in a session and only when a test asks for it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.peers import llamacpp, minilm, rampart, vllm
from tests.peers import postgres as postgres_peer
from tests.peers import presidio as presidio_peer
from tests.peers import weaviate as weaviate_peer
from tests.peers.cache import Tell, user_cache
from tests.peers.llamacpp import LlamaServer
from tests.peers.missing import skipping_when_missing
from tests.peers.postgres import Postgres
from tests.peers.presidio import StockPresidio
from tests.peers.vllm import VllmInstall, VllmServer
from tests.peers.weaviate import Weaviate

# How long an example takes says more of the machine than of the code.
settings.register_profile("ringfence", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ringfence")

INSTALLED = os.environ.get("RINGFENCE_TEST_DATABASE_URL")
SERVERS = ["postgres", "postgres_installed"] if INSTALLED else ["postgres"]


@pytest.fixture(scope="session")
def tell(request: pytest.FixtureRequest) -> Tell:
    """Writes a line to the terminal at once, past pytest's capture."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    terminal = request.config.pluginmanager.getplugin("terminalreporter")

    def write(line: str) -> None:
        with capture.global_and_fixture_disabled():
            terminal.ensure_newline()
            terminal.write_line(f"  {line}")
            terminal.flush()

    return write


@pytest.fixture(scope="session")
def starter_var(tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Path:
    """A `paths.var` that holds the starter models."""
    with skipping_when_missing():
        return llamacpp.install(tmp_path_factory.mktemp("starter"), tell)


@pytest.fixture(scope="session")
def rampart_weights(tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Path:
    with skipping_when_missing():
        return rampart.weights(tmp_path_factory.mktemp("rampart"), tell)


@pytest.fixture(scope="session")
def minilm_weights(tmp_path_factory: pytest.TempPathFactory, tell: Tell) -> Path:
    with skipping_when_missing():
        return minilm.weights(tmp_path_factory.mktemp("minilm"), tell)


@pytest.fixture(scope="session")
def llama_chat(starter_var: Path, tell: Tell) -> Iterator[LlamaServer]:
    with llamacpp.running(llamacpp.CHAT, starter_var, tell) as server:
        yield server


@pytest.fixture(scope="session")
def llama_embedder(starter_var: Path, tell: Tell) -> Iterator[LlamaServer]:
    with llamacpp.running(llamacpp.EMBEDDER, starter_var, tell) as server:
        yield server


@pytest.fixture(scope="session")
def vllm_install(tell: Tell) -> VllmInstall:
    with skipping_when_missing():
        return vllm.install(user_cache() / "peers", tell)


@pytest.fixture(scope="session")
def vllm_server(
    vllm_install: VllmInstall, tmp_path_factory: pytest.TempPathFactory, tell: Tell
) -> Iterator[VllmServer]:
    with vllm.running(vllm_install, tmp_path_factory.mktemp("vllm") / "vllm.log", tell) as server:
        yield server


@pytest.fixture(scope="session")
def stock_presidio(tell: Tell) -> StockPresidio:
    with skipping_when_missing():
        return presidio_peer.install(user_cache() / "peers", tell)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with skipping_when_missing(), postgres_peer.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_installed() -> Postgres:
    assert INSTALLED
    return Postgres(INSTALLED)


@pytest.fixture(params=SERVERS)
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """SQLAlchemy's URL of an empty database that is the test's own."""
    with request.getfixturevalue(request.param).database() as url:
        yield url


@pytest.fixture(params=["sqlite", *SERVERS])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same on every database that Ringfence supports; for contract tests."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'ringfence.db'}"
        return
    with request.getfixturevalue(request.param).database() as url:
        yield url


@pytest.fixture(scope="session")
def weaviate(tell: Tell) -> Iterator[Weaviate]:
    with skipping_when_missing():
        program = weaviate_peer.install(tell)
    with weaviate_peer.running(program, tell) as server:
        yield server
