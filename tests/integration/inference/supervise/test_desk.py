"""The supervisor's socket against workers and people who do not do as they should."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from appliance.errors import ConfigError, Conflict
from inference.control import Done, Follow, Order, Refused, Said
from inference.roster import Post, Roster
from inference.supervise import desk as desk_of
from inference.supervise.board import Board
from inference.supervise.desk import Desk, Say


class Crew:
    """Says as many lines as the order asks for; with no engine it refuses."""

    def __init__(self) -> None:
        self.cancelled = 0

    async def carry_out(self, order: Order, say: Say) -> Done:
        if not order.engine:
            raise Conflict("No engine was named. Name one.")
        for number in range(order.lines):
            say(f"{number:04} {'x' * 1000}")
        try:
            while order.follow:
                await asyncio.sleep(0.01)
                say("still here")
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return Done()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Path, Board, Crew]]:
    path, board, crew = folder / "run" / "s.sock", Board(away_seconds=0.1), Crew()
    async with Desk(board, crew.carry_out).open(path):
        yield path, board, crew
    assert not path.exists()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def say(path: Path, line: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line)
    return reader, writer


def post(number: int) -> Post:
    return Post("chat", ("one",), id=f"chat.{number}", socket="/" + "x" * 4000)


async def test_all_that_is_said_arrives_before_the_last_word(tmp_path: Path) -> None:
    async with opened(tmp_path) as (path, _, _):
        reader, writer = await say(path, msgspec.json.encode(Order(verb="logs", engine="chat", lines=3000)) + b"\n")
        lines = (await reader.read()).splitlines()
        writer.close()
    assert [msgspec.json.decode(line, type=Said).text[:4] for line in lines[:-1]] == [f"{n:04}" for n in range(3000)]
    assert msgspec.json.decode(lines[-1], type=Done) == Done()


async def test_a_refusal_has_its_code(tmp_path: Path) -> None:
    async with opened(tmp_path) as (path, _, _):
        reader, writer = await say(path, msgspec.json.encode(Order(verb="list")) + b"\n")
        answer = msgspec.json.decode(await reader.readline(), type=Refused)
        writer.close()
    assert answer == Refused("conflict", "No engine was named. Name one.")


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b'{"type":"order","verb":"x"}\n', b"x" * (2 << 20)]
)
async def test_nonsense_is_hung_up_on_and_nobody_else_notices(line: bytes, tmp_path: Path) -> None:
    async with opened(tmp_path) as (path, board, _):
        follower, writer = await say(path, msgspec.json.encode(Follow("worker-1")) + b"\n")
        await follower.readline()
        reader, other = await say(path, line)
        with pytest.raises(ConnectionError):
            assert await reader.read() == b""
            raise ConnectionResetError
        other.close()
        board.publish([post(1)])
        assert msgspec.json.decode(await follower.readline(), type=Roster).version == 1
        writer.close()


async def test_who_says_nothing_is_hung_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_of, "PATIENCE_SECONDS", 0.1)
    async with opened(tmp_path) as (path, _, _):
        reader, writer = await say(path, b'{"type":"fol')
        async with asyncio.timeout(5):
            with pytest.raises(ConnectionError):
                await reader.read()
                raise ConnectionResetError
        writer.close()


async def test_a_worker_that_takes_nothing_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_of, "PATIENCE_SECONDS", 0.3)
    async with opened(tmp_path) as (path, board, _):
        deaf = socket.socket(socket.AF_UNIX)
        deaf.connect(str(path))
        deaf.sendall(msgspec.json.encode(Follow("worker-1")) + b"\n")
        good, writer = await say(path, msgspec.json.encode(Follow("worker-2")) + b"\n")
        seen = 0
        async with asyncio.timeout(20):
            for version in range(1, 400):
                board.publish([post(version)])
                while seen < version:
                    seen = msgspec.json.decode(await good.readline(), type=Roster).version
        await asyncio.sleep(0.5)
        writer.close()
        # It was given up, so that no swap waits for it any longer.
        assert await board.until_seen(399, 0.0) or await board.until_unused("chat.399", 2.0)
        deaf.close()


async def test_who_leaves_ends_what_only_he_hears(tmp_path: Path) -> None:
    async with opened(tmp_path) as (path, _, crew):
        order = Order(verb="logs", engine="chat", lines=1, follow=True)
        reader, writer = await say(path, msgspec.json.encode(order) + b"\n")
        await reader.readline()
        writer.close()
        async with asyncio.timeout(5):
            while not crew.cancelled:
                await asyncio.sleep(0.01)


async def test_a_folder_that_others_can_open_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    with pytest.raises(ConfigError, match="chmod 700"):
        async with Desk(Board(), Crew().carry_out).open(tmp_path / "run" / "s.sock"):
            pass


async def test_the_socket_is_its_owners_and_a_stale_one_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "run" / "s.sock").touch()
    async with opened(tmp_path) as (path, _, _):
        assert path.stat().st_mode & 0o777 == 0o600
