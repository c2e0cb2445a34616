"""The one port of an appliance, as one socket for each worker.

The kernel spreads new connections over the sockets. A single socket for all would be simpler, but a burst of
connections then ends up in whichever worker wakes first. The supervisor keeps every socket open, so that no
worker's death closes one, and each worker looks after the others' from time to time (see listener.py).
"""

import errno
import socket

from appliance.errors import ConfigError
from appliance.settings import Server

BACKLOG = 2048


def listen(server: Server, count: int) -> list[socket.socket]:
    # Sockets that share a port may share it with a stranger's too; this one may not.
    with _bound(server.host, server.port, shared=False) as first:
        port = first.getsockname()[1]
    sockets = [_bound(server.host, port, shared=True) for _ in range(count)]
    for each in sockets:
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            # For connections that a worker has closed and whose last bytes nobody takes: they would stay for ever.
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(server.stall_seconds * 1000))
        each.listen(BACKLOG)
    return sockets


def ensure_free(server: Server) -> None:
    _bound(server.host, server.port, shared=False).close()


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            bound.bind(address)
            if not shared:
                bound.listen(1)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise ConfigError(f"Cannot listen on {host}:{port}: {_why(error)}", param="server.port") from error
    return bound


def _why(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "another process has this port. Stop it, or choose another port with RINGFENCE_SERVER_PORT."
        case errno.EACCES:
            return "ports below 1024 need privileges. Choose another port with RINGFENCE_SERVER_PORT."
        case _:
            return f"{error.strerror}. Choose an address of this machine with RINGFENCE_SERVER_HOST."
