import asyncio

from inference.roster import Hold, Post, Roster, Seen
from inference.supervise.board import Board

ONE = Post("chat", ("one",), id="chat.1", socket="/1")
LEAVES = Post("chat", ("one",), id="chat.1", socket="/1", leaving=True)
TWO = Post("chat", ("one",), id="chat.2", socket="/2")


async def test_each_change_is_a_version_and_no_change_is_none() -> None:
    board = Board()
    board.publish([ONE])
    board.publish([ONE])
    assert board.roster == Roster(version=1, posts=(ONE,))
    board.publish([ONE], [Hold("chat", ("one",))])
    assert board.roster.version == 2


async def test_who_waits_gets_the_newest() -> None:
    board = Board()
    waiting = asyncio.create_task(board.newer(0))
    await asyncio.sleep(0)
    board.publish([ONE])
    board.publish([TWO])
    assert (await waiting).posts == (TWO,)


async def test_a_post_is_used_until_every_worker_saw_it_leave_and_has_nothing_there() -> None:
    board = Board()
    board.publish([ONE])
    first, second = board.join("worker-1"), board.join("worker-2")
    board.see(first, Seen(1, {}))
    board.see(second, Seen(1, {}))
    board.publish([LEAVES, TWO])
    assert board.is_used("chat.1")
    board.see(first, Seen(2, {}))
    assert board.is_used("chat.1"), "the second worker has not seen it"
    board.see(second, Seen(2, {"chat.1": 1}))
    assert board.is_used("chat.1"), "a request of the second worker runs there"
    assert not await board.until_unused("chat.1", 0.01)
    waiting = asyncio.create_task(board.until_unused("chat.1", 5.0))
    await asyncio.sleep(0)
    board.see(second, Seen(2, {"chat.2": 1}))
    assert await waiting


async def test_later_news_change_nothing_of_when_a_post_left() -> None:
    board = Board()
    worker = board.join("worker-1")
    board.publish([LEAVES])
    board.see(worker, Seen(1, {}))
    board.publish([LEAVES, TWO])
    assert not board.is_used("chat.1")


async def test_a_worker_that_says_nothing_may_still_send() -> None:
    board = Board()
    board.publish([LEAVES])
    board.join("worker-1")
    assert board.is_used("chat.1")


async def test_a_lost_connection_is_no_proof_until_it_is_back_or_long_gone() -> None:
    board = Board(away_seconds=0.05)
    board.publish([LEAVES])
    lost = board.join("worker-1")
    board.leave(lost)
    assert board.is_used("chat.1")
    back = board.join("worker-1")
    board.see(back, Seen(1, {}))
    assert not board.is_used("chat.1")
    board.leave(board.join("worker-2"))
    assert board.is_used("chat.1")
    assert await board.until_unused("chat.1", 5.0)


async def test_everybody_who_is_connected_has_to_see_a_version() -> None:
    board = Board()
    board.publish([ONE])
    worker = board.join("worker-1")
    assert not await board.until_seen(1, 0.01)
    board.see(worker, Seen(1, {"chat.1": 3}))
    assert await board.until_seen(1, 0.01)
