"""Unit tests open no network socket."""

import socket
from typing import Any

import pytest


class NetworkDenied(Exception):
    """A unit test tried to open a network socket; move it to tests/integration."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    # On the class itself, so that a name imported earlier is guarded too.
    create = socket.socket.__init__

    def guarded(self: socket.socket, *arguments: Any, **named: Any) -> None:
        create(self, *arguments, **named)
        if self.family in (socket.AF_INET, socket.AF_INET6):
            self.close()
            raise NetworkDenied(NetworkDenied.__doc__)

    monkeypatch.setattr(socket.socket, "__init__", guarded)
