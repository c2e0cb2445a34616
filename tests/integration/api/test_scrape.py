"""`/metrics` on a port of its own."""

import socket

import pytest

from api import probe, scrape
from appliance.errors import ConfigError
from appliance.settings import Metrics


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


async def test_a_scraper_gets_the_series_and_nothing_else() -> None:
    port = free_port()
    async with scrape.serving(Metrics(port=port), lambda: b"ringfence_up 1\n"):
        assert await probe.get(("127.0.0.1", port), "/metrics") == (200, "ringfence_up 1\n")
        assert (await probe.get(("127.0.0.1", port), "/v1/models"))[0] == 404
    assert (await probe.get(("127.0.0.1", port), "/metrics"))[0] == 0


async def test_a_taken_port_is_named_with_its_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match="RINGFENCE_METRICS_PORT"):
            async with scrape.serving(Metrics(port=port), lambda: b""):
                pass


async def test_no_port_serves_nothing() -> None:
    async with scrape.serving(Metrics(port=0), lambda: b""):
        pass
