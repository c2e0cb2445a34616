from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from inference.supervise.swapping import Outcome, Step, swap


class World:
    """Two processes and what callers are told of them; each step is held against what must never be."""

    def __init__(self, *, room: int) -> None:
        self.room = room
        self.running = {"old"}
        self.serving = {"old"}
        self.draining: set[str] = set()
        self.held = False

    def act(self, step: Step, works: bool) -> bool:
        match step:
            case "hold":
                self.held, self.serving, self.draining = True, set(), {"old"}
            case "drain":
                assert self.draining == {"old"}
                self.draining = set()
            case "stop":
                assert not self.draining & {"old"} and "old" not in self.serving
                self.running.remove("old")
            case "start":
                self.running.add("new")
                return works
            case "switch":
                assert "new" in self.running
                self.draining = self.serving - {"new"}
                self.serving, self.held = {"new"}, False
            case "abandon":
                assert "new" not in self.serving
                self.running.remove("new")
            case "restore":
                self.running.add("old")
                self.serving, self.held = {"old"} if works else set(), False
                return works
        return True

    def check(self) -> None:
        assert len(self.running) <= self.room
        assert self.serving <= self.running
        assert self.serving or self.held


def walk(beside: bool, works: Iterator[bool]) -> tuple[Outcome, World, list[Step]]:
    world = World(room=2 if beside else 1)
    steps, taken = swap(beside=beside), []
    try:
        step = next(steps)
        while True:
            taken.append(step)
            worked = world.act(step, next(works))
            if step != "restore":
                world.check()
            step = steps.send(worked)
    except StopIteration as end:
        return end.value, world, taken


@given(st.booleans(), st.lists(st.booleans(), min_size=10, max_size=10))
def test_callers_are_served_or_wait_and_never_two_where_one_fits(beside: bool, works: list[bool]) -> None:
    outcome, world, taken = walk(beside, iter(works))
    assert not world.held and not world.draining
    assert world.running == {"swapped": {"new"}, "kept": {"old"}, "restored": {"old"}, "lost": {"old"}}[outcome]
    assert (outcome == "swapped") == ("switch" in taken)
    assert world.serving == (set() if outcome == "lost" else world.running)


def test_the_ways() -> None:
    always = [True] * 10
    assert walk(True, iter(always))[2] == ["start", "switch", "drain", "stop"]
    assert walk(False, iter(always))[2] == ["hold", "drain", "stop", "start", "switch"]
    assert walk(True, iter([False] * 10))[0] == "kept"
    assert walk(False, iter([True, True, True, False, True, True]))[0] == "restored"
    assert walk(False, iter([True, True, True, False, True, False]))[0] == "lost"
