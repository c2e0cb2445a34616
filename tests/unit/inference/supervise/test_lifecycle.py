"""A life against a world that does with its process what worlds do: it answers, hangs, breaks, or is slow to die."""

import signal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from appliance.children import Backoff
from inference.messages import Health
from inference.supervise.lifecycle import (
    Answered,
    Crashed,
    Cut,
    Event,
    Exited,
    Life,
    Looked,
    Signal,
    Spawn,
    Spawned,
    Start,
    Stop,
    Tick,
    Timings,
    step,
)

TIMINGS = Timings(
    start_seconds=600,
    stuck_seconds=30,
    grace=10,
    restarts=3,
    backoff=Backoff(first=0.5, cap=8, healthy_after=20),
)
GOOD, BAD = Looked(Health(True)), Looked(Health(False, "it does not answer in time"))
HUNG = Looked(Health(False, "3 requests run and no token came", hung=True))


class Run:
    """Lives, and remembers what it was told to do."""

    def __init__(self, timings: Timings = TIMINGS) -> None:
        self.timings = timings
        self.now = 1000.0
        self.life = Life()
        self.acts: list[object] = []

    def tell(self, *events: Event) -> list[object]:
        acts: list[object] = []
        for event in events:
            self.life, done = step(self.life, event, self.now, self.timings)
            acts += done
        self.acts += acts
        return acts

    def pass_time(self, seconds: float) -> list[object]:
        self.now += seconds
        return self.tell(Tick())

    def serve(self, pid: int = 7) -> None:
        self.tell(Start(), Spawned(pid), Answered(), GOOD)
        assert self.life.state == "serving"


def test_it_serves_when_a_token_came_and_not_before() -> None:
    run = Run()
    assert run.tell(Start()) == [Spawn()]
    run.tell(Spawned(7))
    assert run.life.state == "starting"
    run.tell(Answered())
    assert run.life.state == "warming"
    run.tell(BAD, HUNG)
    assert run.life.state == "warming"
    run.tell(GOOD)
    assert (run.life.state, run.life.pid) == ("serving", 7)


def test_a_busy_engine_that_misses_looks_is_left_alone() -> None:
    run = Run()
    run.serve()
    for _ in range(20):
        for _ in range(29):
            assert run.pass_time(1) == []
            run.tell(BAD)
        assert run.tell(GOOD) == []
    assert run.life.state == "serving"


def test_without_a_good_look_for_long_enough_it_hangs_and_is_replaced() -> None:
    run = Run()
    run.serve()
    run.tell(BAD)
    assert run.pass_time(29.9) == []
    assert run.pass_time(0.1) == [Signal(7, signal.SIGKILL)]
    assert run.life.state == "waiting"
    [crash] = run.tell(Exited("killed by SIGKILL", ""))
    assert crash == Crashed("hung for 30 s: it does not answer in time", "")
    assert run.pass_time(0.5) == [Spawn()]


def test_one_that_says_itself_that_no_token_came_is_replaced_at_once() -> None:
    run = Run()
    run.serve()
    assert run.tell(HUNG) == [Signal(7, signal.SIGKILL)]
    assert "3 requests run and no token came" in run.life.reason


def test_one_that_does_not_begin_to_answer_is_given_up_in_time() -> None:
    run = Run()
    run.tell(Start(), Spawned(7))
    assert run.pass_time(599) == []
    assert run.pass_time(1) == [Signal(7, signal.SIGKILL)]
    assert run.tell(Exited("killed by SIGKILL")) == [Crashed("did not answer within 600 s", "")]


def test_quick_crashes_in_a_row_end_in_failed_until_somebody_says_start() -> None:
    run = Run()
    run.tell(Start())
    for wait in (0.5, 1.0):
        run.tell(Spawned(7), Exited("exited with 1"))
        assert run.life.state == "waiting"
        assert run.pass_time(wait - 0.01) == []
        assert run.pass_time(0.02) == [Spawn()]
    run.tell(Spawned(7), Exited("exited with 1", "There are no weights. Pull them."))
    assert (run.life.state, run.life.reason) == ("failed", "There are no weights. Pull them.")
    assert run.pass_time(1e6) == []
    assert run.tell(Start()) == [Spawn()]
    assert run.life.crashes == 0


def test_an_engine_that_is_slow_to_start_and_then_crashes_is_no_healthy_one() -> None:
    run = Run()
    run.tell(Start())
    for _ in range(3):
        run.tell(Spawned(7))
        run.now += 500
        run.tell(Exited("exited with 1"))
        run.pass_time(100)
    assert run.life.state == "failed"


def test_a_crash_after_a_healthy_life_is_the_first_again() -> None:
    run = Run()
    run.serve()
    for _ in range(10):
        run.now += 20
        run.tell(Exited("killed by SIGSEGV"))
        assert run.life.crashes == 1
        run.pass_time(0.5)
        run.tell(Spawned(7), Answered(), GOOD)
    assert run.life.restarts == 10


def test_one_that_refuses_is_not_asked_again() -> None:
    run = Run()
    run.tell(Start(), Spawned(7), Exited("exited with 78", refused=True))
    assert run.life.state == "failed"


def test_a_drain_ends_by_itself_or_by_force() -> None:
    for patient in (True, False):
        run = Run()
        run.serve()
        assert run.tell(Stop(120)) == [Signal(7, signal.SIGTERM)]
        assert run.pass_time(129) == []
        if not patient:
            assert run.pass_time(1) == [Signal(7, signal.SIGKILL)]
        run.tell(Exited("exited with 0"))
        assert (run.life.state, run.life.killed) == ("stopped", not patient)


def test_a_second_stop_may_be_more_impatient_but_not_more_patient() -> None:
    run = Run()
    run.serve()
    run.tell(Stop(120))
    assert run.tell(Stop(1000)) == []
    assert run.life.due == run.now + 130
    run.tell(Stop(5))
    assert run.pass_time(15) == [Signal(7, signal.SIGKILL)]


def test_told_to_stop_before_it_is_spawned_it_is_told_when_it_is() -> None:
    for event, number in ((Stop(5), signal.SIGTERM), (Cut(), signal.SIGKILL)):
        run = Run()
        assert run.tell(Start(), event) == [Spawn()]
        assert run.tell(Spawned(7)) == [Signal(7, number)]


def test_told_to_start_while_it_drains_it_starts_again() -> None:
    run = Run()
    run.serve()
    run.tell(Stop(5), Start())
    assert run.tell(Exited("exited with 0")) == [Spawn()]
    run.tell(Spawned(8), Answered(), GOOD, Stop(5), Start(), Stop(5))
    assert run.tell(Exited("exited with 0")) == []


class Worlds(RuleBasedStateMachine):
    """`process` is what really is there."""

    @initialize(restarts=st.integers(0, 4), first=st.floats(0.1, 5), stuck=st.floats(1, 60), start=st.floats(1, 600))
    def begin(self, restarts: int, first: float, stuck: float, start: float) -> None:
        backoff = Backoff(first=first, cap=30, healthy_after=20)
        self.run = Run(Timings(start_seconds=start, stuck_seconds=stuck, restarts=restarts, backoff=backoff))
        self.process = False
        self.told_pid = self.dying = self.warm = self.wanted = False
        self.may_start_at = 0.0

    def tell(self, event: Event) -> None:
        self.obey(self.run.tell(event))

    def obey(self, acts: list[object]) -> None:
        for act in acts:
            if isinstance(act, Spawn):
                assert not self.process
                assert self.wanted
                assert self.run.now >= self.may_start_at
                self.process, self.told_pid, self.dying, self.warm = True, False, False, False
            elif isinstance(act, Signal):
                assert self.process
                assert self.told_pid
                self.dying = self.dying or act.number is signal.SIGKILL
            elif isinstance(act, Crashed):
                self.may_start_at = self.run.now + self.run.timings.backoff.delay(max(1, self.run.life.crashes))

    @rule()
    def start(self) -> None:
        self.wanted = True
        # Somebody's word counts more than a wait.
        self.may_start_at = 0.0
        self.tell(Start())

    @rule(seconds=st.floats(0, 200))
    def stop(self, seconds: float) -> None:
        self.wanted = False
        self.tell(Stop(seconds))

    @rule()
    def cut(self) -> None:
        self.wanted = False
        self.tell(Cut())

    @rule(seconds=st.floats(0, 100))
    def wait(self, seconds: float) -> None:
        self.obey(self.run.pass_time(seconds))

    @precondition(lambda self: self.process and not self.told_pid)
    @rule()
    def come_up(self) -> None:
        self.told_pid = True
        self.tell(Spawned(7))

    @precondition(lambda self: self.process)
    @rule(refused=st.booleans())
    def end(self, refused: bool) -> None:
        self.process = False
        self.tell(Exited("exited with 1", refused=refused))

    @precondition(lambda self: self.process and self.told_pid)
    @rule()
    def answer(self) -> None:
        self.tell(Answered())

    @precondition(lambda self: self.process and self.told_pid)
    @rule(looked=st.sampled_from((GOOD, BAD, HUNG)))
    def look(self, looked: Looked) -> None:
        self.warm = self.warm or looked is GOOD
        self.tell(looked)

    @invariant()
    def it_serves_only_what_is_there_and_warm(self) -> None:
        life = self.run.life
        assert life.running == self.process
        assert life.state != "serving" or (self.process and self.warm and not self.dying)

    @invariant()
    def somebody_will_act(self) -> None:
        """No life waits for nothing: a tick is due, or the process is about to die, or all is said."""
        life = self.run.life
        assert life.due is not None or life.state in ("stopped", "failed") or life.sent is signal.SIGKILL

    def teardown(self) -> None:
        """Left alone with a process that never answers, every life comes to rest; stopped, it stays so."""
        self.settle(("failed", "stopped"))
        self.wanted = False
        self.tell(Stop(5))
        self.settle(("stopped",))

    def settle(self, rest: tuple[str, ...]) -> None:
        for _ in range(40):
            if self.process and not self.told_pid:
                self.come_up()
            if self.process and self.dying:
                self.end(False)
            if self.run.life.due is not None:
                self.obey(self.run.pass_time(max(0.0, self.run.life.due - self.run.now)))
            if not self.process and self.run.life.state in rest:
                return
        raise AssertionError(f"never at rest: {self.run.life}")


Worlds.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
TestWorlds = Worlds.TestCase
