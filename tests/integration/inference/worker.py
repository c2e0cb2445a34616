"""A worker's fleet that follows a supervisor; its engines are twins that a test may hold back or kill."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec.structs import replace

from appliance.errors import EngineFailed
from appliance.privacy.scrubbed import own
from appliance.settings import EngineSettings, LaunchSettings
from inference import converse
from inference.fleet import Fleet
from inference.following import Follower
from inference.messages import Call, Chunk, Health
from inference.roster import Adapter, Hold, Post
from inference.twin import Twin
from inference.waiting import Bounds, WaitingRoom
from tests.integration.inference.supervisor import Supervisor

ENGINE = EngineSettings(name="e", kind="vllm", models=("m",), launch=LaunchSettings(model="tiny"))
CALL = Call(task="chat", model="m", scrubbed=own(b'{"messages":[{"role":"user","content":"one two"}]}'), stream=True)
HELD = (Hold("e", ("m",)),)
LORA = Adapter("lora", ("acme",))


class Engine(Twin):
    """Holds each call until it may go on, or until it is killed."""

    def __init__(self, of: Post) -> None:
        super().__init__(of.id, [*of.names, *(each.name for each in of.adapters)])
        self.group = of.engine
        self.gate = asyncio.Event()
        self.gate.set()
        self.killed = False
        self.asked = 0

    async def health(self) -> Health:
        await asyncio.sleep(0.001)
        return await super().health()

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        self.asked += 1
        first = True
        async for chunk in super().stream(call):
            if not first:
                yield chunk
                continue
            await self.gate.wait()
            if self.killed:
                raise EngineFailed(f"{self.name} broke the connection. Try again.")
            first = False
            yield chunk

    def kill(self) -> None:
        self.killed = True
        self.down = "it was killed"
        self.gate.set()


class Worker:
    def __init__(self, socket: Path, bounds: Bounds) -> None:
        self.engines: dict[str, Engine] = {}
        self.counted: list[str] = []
        self.room = WaitingRoom({"e": bounds}, self.counted.append)
        self.fleet = Fleet([], 0.02, sources=[Follower("worker-1", socket, [ENGINE], self._connect)], room=self.room)

    def _connect(self, of: Post) -> Engine:
        made = self.engines[of.id] = Engine(of)
        return made

    async def ask(self, model: str = "m", tenant: str = "acme") -> str:
        """Who answered."""

        async def find() -> list[converse.Seat]:
            return await self.fleet.plan(model, "chat", tenant)

        call = replace(CALL, model=model)
        plan = await find()
        await asyncio.sleep(0.004)  # it is scrubbed
        names = [seat.engine.name async for seat, _ in converse.run(plan, call, find)]
        assert len(set(names)) == 1
        return names[0]

    def asks(self, number: int = 1) -> list[asyncio.Task[str]]:
        return [asyncio.create_task(self.ask()) for _ in range(number)]


@asynccontextmanager
async def following(
    folder: Path, *posts: Post, seconds: float = 30.0, requests: int = 2000
) -> AsyncIterator[tuple[Supervisor, Worker]]:
    supervisor = Supervisor(folder / "s.sock")
    worker = Worker(folder / "s.sock", Bounds(seconds, requests))
    supervisor.publish(*posts)
    async with supervisor.open():
        await worker.fleet.start()
        try:
            yield supervisor, worker
        finally:
            await worker.fleet.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
