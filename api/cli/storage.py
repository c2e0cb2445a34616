"""The database under a command."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar

from appliance.db import Database, open_database
from appliance.revisions import ensure_current
from appliance.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


def awaited(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Click calls plain functions; the services behind a command are asynchronous."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return asyncio.run(command(*args, **kwargs))

    return run


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, when its tables are the ones that this version knows."""
    database = open_database(settings)
    try:
        await ensure_current(database)
        yield database
    finally:
        await database.close()
