import asyncio
import socket

import pytest

from tests.unit.conftest import NetworkDenied


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, -1])
def test_a_network_socket_is_denied(family):
    with pytest.raises(NetworkDenied):
        socket.socket(family, socket.SOCK_STREAM)


async def test_a_connection_is_denied():
    with pytest.raises(NetworkDenied):
        await asyncio.open_connection("127.0.0.1", 9)


def test_a_blocking_connection_is_denied():
    with pytest.raises(NetworkDenied):
        socket.create_connection(("127.0.0.1", 9), timeout=1)


def test_an_event_loop_still_starts_and_wakes_up():
    async def in_a_thread() -> int:
        return await asyncio.to_thread(lambda: 7)

    assert asyncio.run(in_a_thread()) == 7


def test_a_unix_pair_still_talks():
    left, right = socket.socketpair()
    with left, right:
        left.send(b"hello")
        assert right.recv(5) == b"hello"
