"""Asks the supervisor for something: one order, what it says meanwhile, and its last word."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from appliance import errors
from appliance.errors import Conflict, RingfenceError, Unavailable
from inference.control import LONGEST_LINE, Done, Order, Refused, Said, socket_of

Hear = Callable[[str], None]
"""Told each line that the supervisor says before its last word."""

CODE = "supervisor_unavailable"

_decoder: msgspec.json.Decoder[Said | Done | Refused] = msgspec.json.Decoder(Said | Done | Refused)


async def ask(var: Path, order: Order, hear: Hear | None = None) -> Done:
    """As long as it takes; who stops waiting does not undo the order."""
    async with _opened(var) as (reader, writer):
        writer.write(msgspec.json.encode(order) + b"\n")
        while line := await _line(reader):
            told = _told(line)
            if isinstance(told, Done):
                return told
            if isinstance(told, Refused):
                raise _error(told)
            if hear is not None:
                hear(told.text)
    raise Unavailable("The supervisor went away before it was done. See its log, and ask again.", code=CODE)


@asynccontextmanager
async def _opened(var: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket_of(var)), limit=LONGEST_LINE)
    except PermissionError as error:
        raise _absent(var, "belongs to another user. Run this as that user.") from error
    except OSError as error:
        remedy = "Start it with `ringfence serve`, or name the settings of the one that runs with `--config`."
        raise _absent(var, f"does not run. {remedy}") from error
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Nothing where the supervisor is gone, also in the middle of a line."""
    try:
        line = await reader.readline()
    except OSError:
        return b""
    except ValueError as error:
        raise _strange() from error
    return line if line.endswith(b"\n") else b""


def _told(line: bytes) -> Said | Done | Refused:
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise _strange() from error


def _absent(var: Path, trouble: str) -> Unavailable:
    return Unavailable(f"The appliance on {var.resolve()} {trouble}", code=CODE)


def _strange() -> Unavailable:
    return Unavailable(
        "The supervisor speaks otherwise than this Ringfence. Restart `ringfence serve` with this version.", code=CODE
    )


def _error(refused: Refused) -> RingfenceError:
    """The one that was raised over there. What has no kind of its own here does not go with how things are."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, RingfenceError)]
    plain = {each.code: each for each in kinds if not issubclass(each, errors.LimitExceeded)}
    return plain.get(refused.code, Conflict)(refused.message, code=refused.code)
