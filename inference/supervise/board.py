"""The roster that workers follow, and what they have seen of it."""

import asyncio
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from inference.roster import Absence, Hold, Post, Roster, Seen

# A worker whose connection broke may still send by the roster that it has; by then it is back, or it has ended.
AWAY_SECONDS = 5.0


class Follower:
    """One connection of a worker."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.seen: Seen | None = None

    def has_seen(self, version: int) -> bool:
        return self.seen is not None and self.seen.version >= version

    def may_use(self, post: str, left_in: int) -> bool:
        return self.seen is None or self.seen.version < left_in or self.seen.in_flight.get(post, 0) > 0


class Board:
    def __init__(self, away_seconds: float = AWAY_SECONDS) -> None:
        self.roster = Roster(version=0)
        self._away_seconds = away_seconds
        self._followers: set[Follower] = set()
        self._away: set[Follower] = set()
        self._left_in: dict[str, int] = {}
        self._news = asyncio.Event()

    def publish(self, posts: Iterable[Post], holds: Iterable[Hold] = (), absent: Iterable[Absence] = ()) -> None:
        """Says nothing when nothing is new."""
        new = Roster(version=self.roster.version, posts=tuple(posts), holds=tuple(holds), absent=tuple(absent))
        if new == self.roster:
            return
        new = replace(new, version=new.version + 1)
        leaving = [post.id for post in new.posts if post.leaving]
        self._left_in = {post: self._left_in.get(post, new.version) for post in leaving}
        self.roster = new
        self._tell()

    async def newer(self, version: int) -> Roster:
        while self.roster.version <= version:
            await self._news.wait()
        return self.roster

    def join(self, worker: str) -> Follower:
        self._away = {each for each in self._away if each.worker != worker}
        follower = Follower(worker)
        self._followers.add(follower)
        return follower

    def see(self, follower: Follower, seen: Seen) -> None:
        follower.seen = seen
        self._tell()

    def leave(self, follower: Follower) -> None:
        self._followers.discard(follower)
        self._away.add(follower)
        asyncio.get_running_loop().call_later(self._away_seconds, self._forget, follower)

    def is_used(self, post: str) -> bool:
        """A worker may still send to this post, which leaves, or has requests there that are not over."""
        left_in = self._left_in.get(post, self.roster.version)
        return any(each.may_use(post, left_in) for each in self._followers | self._away)

    async def until_seen(self, version: int, seconds: float) -> bool:
        """By all workers that are connected. False when it took too long."""
        return await self._until(lambda: all(each.has_seen(version) for each in self._followers), seconds)

    async def until_unused(self, post: str, seconds: float) -> bool:
        """False when it took too long."""
        return await self._until(lambda: not self.is_used(post), seconds)

    async def _until(self, true: Callable[[], bool], seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _forget(self, follower: Follower) -> None:
        self._away.discard(follower)
        self._tell()

    def _tell(self) -> None:
        # Everybody who waits wakes up, and waits for the next news if this was none for them.
        self._news.set()
        self._news = asyncio.Event()
