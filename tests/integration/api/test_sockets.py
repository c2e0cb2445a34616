"""The port: taken or free, and spread over its sockets."""

import errno
import socket

import pytest

from api import sockets
from appliance.errors import ConfigError
from appliance.settings import Server


@pytest.fixture
def port() -> int:
    listeners = sockets.listen(Server(port=0), 1)
    number: int = listeners[0].getsockname()[1]
    listeners[0].close()
    return number


def test_several_sockets_share_one_port(port: int) -> None:
    listeners = sockets.listen(Server(port=port), 4)
    assert {each.getsockname()[1] for each in listeners} == {port}
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(64)]
    for each in listeners:
        each.setblocking(False)
        each.accept()[0].close()  # raises when the kernel gave it no connection
    for each in (*clients, *listeners):
        each.close()


def test_a_taken_port_is_named_with_its_remedy(port: int) -> None:
    listeners = sockets.listen(Server(port=port), 2)
    with pytest.raises(ConfigError, match=f"127.0.0.1:{port}: another process has this port.*SERVER_PORT"):
        sockets.listen(Server(port=port), 2)
    with pytest.raises(ConfigError, match="another process has this port"):
        sockets.ensure_free(Server(port=port))
    for each in listeners:
        each.close()
    sockets.ensure_free(Server(port=port))


def test_an_address_of_another_machine_is_named_with_its_remedy() -> None:
    with pytest.raises(ConfigError, match="RINGFENCE_SERVER_HOST"):
        sockets.listen(Server(host="192.0.2.1", port=0), 1)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux has this option")
def test_the_kernel_drops_who_takes_nothing() -> None:
    (listener,) = sockets.listen(Server(port=0, stall_seconds=0.5), 1)
    with listener, socket.create_connection(listener.getsockname()), listener.accept()[0] as served:
        served.settimeout(10)
        with pytest.raises(TimeoutError) as caught:
            while True:
                served.sendall(b"x" * 65536)
        assert caught.value.errno == errno.ETIMEDOUT, "the connection ended, not our patience"
