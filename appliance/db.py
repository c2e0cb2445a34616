"""The database: SQLite in the embedded shape, PostgreSQL in production, the same code on both."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from importlib import import_module
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, Connection, create_engine, event, exc, literal, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from appliance.errors import ConfigError, Unavailable
from appliance.settings import Settings
from appliance.tables import Table

FILE_NAME = "ringfence.db"
DRIVERS = ("sqlite+aiosqlite", "postgresql+psycopg")
THREAD_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000")
POOL_WAIT_SECONDS = 5
READ_ONLY = "ringfence_read_only"
# A thread cannot be cancelled: a PostgreSQL that is gone without a word must be noticed by the connection itself.
NOTICES_SILENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}

Result = TypeVar("Result")

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    Insert = postgresql.Insert | sqlite.Insert


class Database:
    """The connections of one process: a pool for its event loop and, once used, one for threads."""

    def __init__(self, url: str | URL, pool_size: int = 5) -> None:
        self.url = _checked(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {
            "pool_size": pool_size,
            "pool_timeout": POOL_WAIT_SECONDS,
            "hide_parameters": True,  # an error may be logged, and they are other people's data
        }
        if not self.is_sqlite:
            options["pool_pre_ping"] = True
        self.engine = create_async_engine(self.url, **options)
        if not self.is_sqlite:
            options["connect_args"] = NOTICES_SILENCE
        driver = THREAD_DRIVERS[self.url.get_backend_name()]
        self._thread_engine = create_engine(self.url.set(drivername=driver), **options)
        self._threads = ThreadPoolExecutor(pool_size, "database")
        if self.is_sqlite:
            self._on_connect(_prepare_sqlite)
            for engine in (self.engine.sync_engine, self._thread_engine):
                event.listen(engine, "begin", _begin_sqlite)

    @property
    def driver_error(self) -> type[Exception]:
        """What the driver raises when it is used directly."""
        error: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        return error

    def durable(self) -> "Database":
        """The same, over one connection of its own whose commits on SQLite outlive a power cut, at a sync each."""
        twin = Database(self.url, pool_size=1)
        if twin.is_sqlite:
            twin._on_connect(_sync_commits)
        return twin

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end of the block, rolled back on an exception."""
        with translated():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads, so on SQLite it does not queue behind the one writer."""
        with translated():
            async with self.engine.connect() as connection:
                await connection.execution_options(**{READ_ONLY: True})
                yield connection

    async def apart(self, work: Callable[[Connection], Result], *, reads: bool = False) -> Result:
        """A transaction in a thread from end to end, or with `reads` one that only reads.

        Each of the twenty steps of a short asynchronous transaction waits for a turn of the event loop, which is
        half a second while a thousand streams run. What requests wait for takes this way: it costs two turns.
        """
        given_up = Event()
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._transact, work, reads, given_up)
        except asyncio.CancelledError:
            given_up.set()
            raise

    def _transact(self, work: Callable[[Connection], Result], reads: bool, given_up: Event) -> Result:
        with translated(), self._thread_engine.connect() as connection:
            connection.execution_options(**{READ_ONLY: reads})
            with connection.begin():
                result = work(connection)
                if given_up.is_set():
                    raise Unavailable("Nobody waits for this transaction any more. Try again.")
                return result

    def insert(self, table: type[Table]) -> "Insert":
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
        dialect = import_module(f"sqlalchemy.dialects.{self.url.get_backend_name()}")
        made: Insert = dialect.insert(table)
        return made

    async def add(self, connection: AsyncConnection, table: type[Table], **values: Any) -> bool:
        """Inserts a row unless its key is taken; returns whether it was added."""
        row = self.insert(table).values(**values).on_conflict_do_nothing()
        return (await connection.execute(row.returning(literal(1)))).first() is not None

    async def lock(self, connection: AsyncConnection, number: int) -> None:
        """Waits for its turn; held until the transaction ends. SQLite has but one writer anyway."""
        if not self.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

    async def empty_log(self) -> None:
        """On SQLite, waits until what was deleted is also gone from the write-ahead log, if readers let it."""
        if self.is_sqlite:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._checkpoint)

    def _checkpoint(self) -> None:
        with translated(), closing(self._thread_engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        await self.disconnect()

    async def disconnect(self) -> None:
        """Closes what is not in use; who comes next connects anew."""
        self._thread_engine.dispose()
        await self.engine.dispose()

    def _on_connect(self, prepare: Callable[[Any, Any], None]) -> None:
        for engine in (self.engine.sync_engine, self._thread_engine):
            event.listen(engine, "connect", prepare)


def open_database(settings: Settings) -> Database:
    url = settings.database.url
    if not url:
        # The rows hold digests and names: nobody else on the machine needs to read them.
        settings.paths.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = settings.paths.var.absolute() / FILE_NAME
        file.touch(mode=0o600)
        url = f"sqlite+aiosqlite:///{file}"
    return Database(url, settings.database.pool_size)


@contextmanager
def translated() -> Iterator[None]:
    """The driver's "cannot reach it" and "cannot wait any longer" become ours; a mistake in SQL stays one."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        raise Unavailable(
            "The database does not answer as it should. Check that it runs, has room, and that database.url is right.",
            code="database_unavailable",
        ) from error


def _checked(url: str | URL) -> Any:
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise ConfigError(f"database.url is not a URL. Write it as {DRIVERS[1]}://user:password@host/name.") from error
    if parsed.drivername not in DRIVERS:
        raise ConfigError(f"database.url begins with {parsed.drivername}; allowed: {', '.join(DRIVERS)}. Change it.")
    return parsed


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions late and deferred; we begin them ourselves, below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sync_commits(connection: Any, _record: Any) -> None:
    # WAL with NORMAL syncs only at checkpoints, so a power cut may undo the newest commits.
    connection.execute("PRAGMA synchronous=FULL").close()


def _begin_sqlite(connection: Any) -> None:
    # Two deferred transactions that both read and then write deadlock into SQLITE_BUSY; immediate ones queue.
    reads = connection.get_execution_options().get(READ_ONLY)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
