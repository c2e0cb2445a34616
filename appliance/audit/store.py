"""The ledger's rows: appended, and read in order a page at a time."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, false, insert, select, tuple_
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from appliance.audit.chain import Block, Head
from appliance.db import Database
from appliance.errors import StorageError, Unavailable
from appliance.tables import LedgerBlocks

PAGE = 32
GARBLED = "audit_garbled"

_COLUMNS = [getattr(LedgerBlocks, name) for name in Block.__struct_fields__]
_PLACE = (LedgerBlocks.tenant, LedgerBlocks.writer, LedgerBlocks.sequence)


class LedgerStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def probe(self) -> None:
        await self._read(select(*_COLUMNS).where(false()))

    async def append(self, blocks: Sequence[Block], *, again: bool) -> None:
        """All of them or none. `again` says that it was tried before and nobody knows how that ended."""
        rows = [msgspec.structs.asdict(block) for block in blocks]

        def store(connection: Connection) -> None:
            if not (again and _holds(connection, blocks[-1])):
                connection.execute(insert(LedgerBlocks), rows)

        try:
            await self._database.apart(store)
        except (SQLAlchemyError, Unavailable) as error:
            raise _unusable(error) from error

    async def end(self, head: Head) -> Block | None:
        """The newest block of this chain."""
        of_chain = and_(LedgerBlocks.tenant == head.tenant, LedgerBlocks.writer == head.writer)
        newest = select(*_COLUMNS).where(of_chain).order_by(LedgerBlocks.sequence.desc()).limit(1)
        found = await self._read(newest)
        return found[0] if found else None

    async def blocks(self, condition: ColumnElement[bool] | None = None) -> AsyncIterator[Block]:
        """Chain by chain, each from its first block on."""
        after: tuple[str, str, int] | None = None
        while True:
            query = select(*_COLUMNS).order_by(*_PLACE).limit(PAGE)
            if condition is not None:
                query = query.where(condition)
            if after is not None:
                query = query.where(tuple_(*_PLACE) > tuple_(*after))
            page = await self._read(query)
            for block in page:
                yield block
            if len(page) < PAGE:
                return
            after = (page[-1].tenant, page[-1].writer, page[-1].sequence)

    async def _read(self, query: Select[Any]) -> list[Block]:
        try:
            rows = await self._database.apart(lambda connection: connection.execute(query).mappings().all(), reads=True)
            return [msgspec.convert(dict(row), Block) for row in rows]
        except (SQLAlchemyError, Unavailable) as error:
            raise _unusable(error) from error
        except (TypeError, ValueError, msgspec.ValidationError) as error:
            # SQLite stores any type in any column; a text where bytes belong ends up here.
            raise StorageError(
                "The audit ledger holds rows that Ringfence cannot have written. Restore it from a backup.",
                code=GARBLED,
            ) from error


def _holds(connection: Connection, block: Block) -> bool:
    place = and_(*(column == getattr(block, column.key) for column in _PLACE))
    found: bool = connection.scalar(select(LedgerBlocks.mac).where(place)) == block.mac
    return found


def _unusable(error: SQLAlchemyError | Unavailable) -> StorageError:
    # The driver's message may quote the row, so only its type is passed on.
    cause = error.__cause__ if isinstance(error, Unavailable) else error
    kind = type(cause.orig if isinstance(cause, DBAPIError) else cause).__name__
    return StorageError(
        f"The audit ledger's table cannot be used ({kind}). See `ringfence doctor` and `ringfence db status`.",
        code="audit_storage",
    )
