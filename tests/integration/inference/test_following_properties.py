"""Whatever the roster says, in whatever order: nobody is asked who was seen leaving, and every request ends once."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.errors import RingfenceError
from inference.roster import Absence, Hold, Post, Seen
from inference.waiting import Bounds
from tests.integration.inference.supervisor import Supervisor, post, until
from tests.integration.inference.worker import HELD, LORA, Worker

Deed = Literal["open", "leave", "stay", "gone", "kill", "shut", "free", "hold", "release", "absent", "say", "hang up"]
DEEDS: list[Deed] = [
    "open", "leave", "stay", "gone", "kill", "shut", "free", "hold", "release", "absent", "say", "hang up",
]  # fmt: skip
ASKED = [("m", "acme"), ("m", "other"), ("lora", "acme"), ("lora", "other"), ("nope", "acme")]


@dataclass
class Machine:
    """What a supervisor might do to its engines, sane or not, and what workers have promised it."""

    worker: Worker
    supervisor: Supervisor
    posts: list[Post] = field(default_factory=list)
    holds: tuple[Hold, ...] = ()
    absent: tuple[Absence, ...] = ()
    opened: int = 0
    leaving_in: dict[str, int] = field(default_factory=dict)
    """Posts by the first roster that says they leave."""
    closed: dict[str, int] = field(default_factory=dict)
    """Posts that the worker has said it uses no more; and how often it had asked them by then."""

    def do(self, deed: Deed, which: int) -> None:
        at = which % len(self.posts) if self.posts else 0
        one = self.posts[at : at + 1]
        engines = [self.worker.engines[each.id] for each in one if each.id in self.worker.engines]
        if deed == "open":
            self.opened += 1
            self.posts.append(post(f"e.{self.opened}", adapters=(LORA,) * (which % 2)))
        elif deed in ("leave", "stay"):
            self.posts[at : at + 1] = [replace(each, leaving=deed == "leave") for each in one]
        elif deed == "gone":
            del self.posts[at : at + 1]
        elif deed in ("hold", "release"):
            self.holds = HELD if deed == "hold" else ()
        elif deed == "absent":
            self.absent = () if self.absent else (Absence("e", ("m",), reason="it rests"),)
        elif deed == "hang up":
            self.supervisor.hang_up(b'{"type":"ros')
        if deed == "say" or which % 4:
            self.say()
        for engine in engines:
            if deed == "kill":
                engine.kill()
            elif deed == "shut":
                engine.gate.clear()
            elif deed == "free":
                engine.gate.set()

    def say(self) -> int:
        version = self.supervisor.publish(*self.posts, holds=self.holds, absent=self.absent)
        for each in self.posts:
            if each.leaving:
                self.leaving_in.setdefault(each.id, version)
        return version

    def on_seen(self, seen: Seen) -> None:
        self.supervisor.seen.append(seen)
        for name, version in self.leaving_in.items():
            if seen.version >= version and name not in seen.in_flight and name in self.worker.engines:
                self.closed.setdefault(name, self.worker.engines[name].asked)

    async def end(self) -> None:
        """Everything is mended, so that every request can end."""
        self.posts, self.holds, self.absent = [post("e.last", adapters=(LORA,))], (), ()
        for engine in self.worker.engines.values():
            engine.gate.set()
        await until(lambda: bool(self.supervisor.followers))
        version = self.say()
        await until(lambda: any(seen.version == version for seen in self.supervisor.seen))


async def play(folder: Path, story: list[tuple[Deed, int] | tuple[str, str]]) -> None:
    worker = Worker(folder / "s.sock", Bounds(30, 1000))
    supervisor = Supervisor(folder / "s.sock")
    machine = Machine(worker, supervisor)
    supervisor.on_seen = machine.on_seen
    asked: list[tuple[str, str, asyncio.Task[str]]] = []
    async with supervisor.open():
        machine.do("open", 1)
        await worker.fleet.start()
        for first, second in story:
            if isinstance(second, str):
                asked.append((first, second, asyncio.create_task(worker.ask(first, second))))
            else:
                machine.do(first, second)  # type: ignore[arg-type]
            await asyncio.sleep(0.0005)
        await machine.end()
        async with asyncio.timeout(20):
            answers = await asyncio.gather(*(task for _, _, task in asked), return_exceptions=True)
        for name, calls in machine.closed.items():
            assert worker.engines[name].asked == calls, f"{name} was asked after it had been given up"
        for (model, tenant, _), answer in zip(asked, answers, strict=True):
            assert isinstance(answer, str | RingfenceError), answer
            if (model, tenant) in (("nope", "acme"), ("lora", "other")):
                assert isinstance(answer, RingfenceError)
        assert worker.room.present["e"] == 0
        assert [seat.in_flight for seat in worker.fleet.seats if seat.in_flight] == []
        assert await worker.ask() == "e.last"
        await worker.fleet.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(st.tuples(st.sampled_from(DEEDS), st.integers(0, 7)), st.sampled_from(ASKED), st.just(("say", 0))),
        max_size=40,
    )
)
def test_no_request_is_lost_or_sent_where_nobody_should(story: list[tuple[Deed, int] | tuple[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder), story))
