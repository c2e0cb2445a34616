"""The life of an engine that is kept running, one process after the other.

Pure: what happened goes in, what is to be done comes out, and the clock is a parameter.
"""

import signal

from msgspec import Struct
from msgspec.structs import replace

from appliance.children import Backoff
from inference.control import State
from inference.messages import Health


class Timings(Struct, frozen=True, kw_only=True):
    start_seconds: float = 3600.0
    stuck_seconds: float = 30.0
    grace: float = 10.0
    """Between the end of a drain and SIGKILL."""
    restarts: int = 5
    """Quick crashes in a row after which it stays down until it is told to start."""
    backoff: Backoff = Backoff()


class Start(Struct, frozen=True):
    """Told to run; also the way out of `failed`, and out of a wait."""


class Stop(Struct, frozen=True):
    """Told to end within `drain_seconds`."""

    drain_seconds: float


class Cut(Struct, frozen=True):
    """Told to end now."""


class Spawned(Struct, frozen=True):
    pid: int


class Exited(Struct, frozen=True):
    """The process is gone, or could not be started."""

    how: str
    cause: str = ""
    """In plain words with the remedy, where its last lines tell."""
    refused: bool = False
    """It would end in the same words again."""


class Answered(Struct, frozen=True):
    """It takes connections."""


class Looked(Struct, frozen=True):
    """A good look means that a token came."""

    health: Health


class Tick(Struct, frozen=True):
    """Time has passed."""


Event = Start | Stop | Cut | Spawned | Exited | Answered | Looked | Tick


class Spawn(Struct, frozen=True):
    pass


class Signal(Struct, frozen=True):
    """SIGTERM is for the process, which then ends its children when it has no more work for them; SIGKILL for all."""

    pid: int
    number: signal.Signals


class Crashed(Struct, frozen=True):
    """It ended, and nobody had told it to."""

    how: str
    cause: str


Action = Spawn | Signal | Crashed
Step = tuple["Life", tuple[Action, ...]]


class Life(Struct, frozen=True, kw_only=True):
    state: State = "stopped"
    since: float = 0.0
    due: float | None = None
    """When a tick changes it, unless something else happens before."""
    running: bool = False
    """From the order to spawn until the process is gone."""
    pid: int | None = None
    again: bool = False
    """It starts again when it is drained."""
    sent: signal.Signals | None = None
    served: float | None = None
    """Since when this process serves."""
    crashes: int = 0
    """Quick ones in a row."""
    restarts: int = 0
    killed: bool = False
    """The last process, by us."""
    verdict: str = ""
    """Why it is killed; it does not know better itself."""
    reason: str = ""


def step(life: Life, event: Event, now: float, timings: Timings) -> Step:
    match event:
        case Start():
            return _start(life, now, timings)
        case Stop(drain_seconds):
            return _stop(life, now, drain_seconds + timings.grace)
        case Cut():
            return _cut(life, now)
        case Spawned(pid):
            return replace(life, pid=pid), (Signal(pid, life.sent),) if life.sent else ()
        case Exited():
            return _exited(life, event, now, timings)
        case Answered():
            return (_enter(life, "warming", now, life.due) if life.state == "starting" else life), ()
        case Looked(health):
            return _looked(life, health, now, timings)
        case Tick():
            return (life, ()) if life.due is None or now < life.due else _fall_due(life, now, timings)


def _start(life: Life, now: float, timings: Timings) -> Step:
    if life.running:
        return replace(life, again=life.state == "draining"), ()
    return _spawn(replace(life, crashes=0), now, timings)


def _stop(life: Life, now: float, patience: float) -> Step:
    if not life.running:
        return _enter(life, "stopped", now), ()
    if life.sent is not None:
        due = None if life.due is None else min(life.due, now + patience)
        return _enter(replace(life, again=False), "draining", now, due), ()
    return _send(_enter(life, "draining", now, now + patience), signal.SIGTERM)


def _cut(life: Life, now: float) -> Step:
    if not life.running:
        return _enter(life, "stopped", now), ()
    return _send(_enter(replace(life, again=False), "draining", now), signal.SIGKILL)


def _exited(life: Life, event: Exited, now: float, timings: Timings) -> Step:
    if not life.running:
        return life, ()
    killed = life.sent == signal.SIGKILL
    gone = replace(life, running=False, pid=None, sent=None, served=None, verdict="", again=False, killed=killed)
    if life.state == "draining":
        return _spawn(replace(gone, crashes=0), now, timings) if life.again else (_enter(gone, "stopped", now), ())
    lived = 0.0 if life.served is None else now - life.served
    crashes = timings.backoff.crashes(life.crashes, lived)
    how = life.verdict or event.how
    reason = event.cause or f"{_sentence(how)} `ringfence engines why` shows its last lines."
    gone = replace(gone, crashes=crashes)
    if event.refused or crashes >= timings.restarts:
        ended = _enter(gone, "failed", now, reason=reason)
    else:
        ended = _enter(gone, "waiting", now, now + timings.backoff.delay(crashes), reason)
    return ended, (Crashed(how, event.cause),)


def _looked(life: Life, health: Health, now: float, timings: Timings) -> Step:
    if life.state not in ("starting", "warming", "serving") or life.pid is None:
        return life, ()
    if life.state != "serving":
        if not health.ready:
            return life, ()
        return replace(_enter(life, "serving", now, now + timings.stuck_seconds), served=now), ()
    if health.ready:
        return replace(life, due=now + timings.stuck_seconds, reason=""), ()
    seen = replace(life, reason=health.reason)
    return _condemn(seen, now, _hung(seen, timings)) if health.hung else (seen, ())


def _fall_due(life: Life, now: float, timings: Timings) -> Step:
    if life.state == "serving":
        return _condemn(life, now, _hung(life, timings))
    if life.state == "draining":
        return _send(replace(life, due=None), signal.SIGKILL)
    if life.state == "waiting":
        return _spawn(replace(life, restarts=life.restarts + 1), now, timings)
    return _condemn(life, now, f"did not answer within {timings.start_seconds:g} s")


def _hung(life: Life, timings: Timings) -> str:
    return f"hung for {timings.stuck_seconds:g} s: {life.reason or 'it does not answer'}"


def _spawn(life: Life, now: float, timings: Timings) -> Step:
    return replace(_enter(life, "starting", now, now + timings.start_seconds), running=True), (Spawn(),)


def _condemn(life: Life, now: float, verdict: str) -> Step:
    """A process that hangs hears no SIGTERM, and its children hold the GPU."""
    return _send(replace(_enter(life, "waiting", now, reason=_sentence(verdict)), verdict=verdict), signal.SIGKILL)


def _send(life: Life, number: signal.Signals) -> Step:
    # One that is not spawned yet gets it as soon as it is.
    return replace(life, sent=number), () if life.pid is None else (Signal(life.pid, number),)


def _enter(life: Life, state: State, now: float, due: float | None = None, reason: str = "") -> Life:
    since = life.since if life.state == state else now
    return replace(life, state=state, since=since, due=due, reason=reason)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
