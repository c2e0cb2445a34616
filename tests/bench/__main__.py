"""Measure Ringfence beside its peers: `python -m tests.bench`. See README.md in this folder."""

import argparse
import json
import platform
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from tests.bench.load import Door, Loads
from tests.bench.processes import Cores, allow_many_files, choose_cores, pinned, running
from tests.bench.provision import LITELLM, BenchError, build_rig, find_wrk
from tests.bench.report import disturbances, goals, medians, render
from tests.bench.targets import BUILDERS, CHAT, JSON, PEERS, Target, free_port
from tests.bench.visit import Figures, Schedule, Visit, answers, say, visit

QUICK = Schedule(rounds=1, seconds=2, warm_seconds=1, steps=(25, 100, 500, 1000), growth_requests=0)
MOCK_SECONDS = 10


@dataclass(frozen=True)
class Bench:
    schedule: Schedule
    loads: Loads
    cores: Cores
    targets: tuple[Target, ...]

    def rounds(self) -> Iterator[dict[str, Figures]]:
        near = dict.fromkeys((target.name for target in self.targets), 0)
        for number in range(1, self.schedule.rounds + 1):
            grow = number == self.schedule.rounds and self.schedule.growth_requests > 0
            measured: dict[str, Figures] = {}
            for target in self.targets:
                turn = Visit(f"round {number}/{self.schedule.rounds} {target.name}", near[target.name], grow)
                measured[target.name] = visit(target, self.schedule, self.loads, self.cores, turn)
                near[target.name] = int(measured[target.name]["held_on_time"])
            yield measured


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--targets", default=",".join(PEERS), help=f"comma-separated, of {', '.join(BUILDERS)} (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, help="default 5; the table shows medians")
    parser.add_argument("--seconds", type=float, help="of each load, default 5")
    parser.add_argument("--growth", type=int, metavar="REQUESTS", help="default 200000; 0 leaves it out")
    parser.add_argument("--quick", action="store_true", help="one short round: to see that it runs, not to publish")
    parser.add_argument("--json", type=Path, default=Path("var/bench.json"), help="all figures (default: %(default)s)")
    options = parser.parse_args(argv)
    options.targets = options.targets.split(",")
    if unknown := set(options.targets) - set(BUILDERS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}. Choose from {', '.join(BUILDERS)}.")
    return options


def plan(options: argparse.Namespace) -> Schedule:
    base = QUICK if options.quick else Schedule()
    given = {"rounds": options.rounds, "seconds": options.seconds, "growth_requests": options.growth}
    return Schedule(**(asdict(base) | {name: value for name, value in given.items() if value is not None}))


def facts(cores: Cores, schedule: Schedule) -> list[str]:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    processor = f"{len(models)} x {models[0]}" if models else platform.machine()
    return [
        f"command: `{shlex.join(['python', '-m', 'tests.bench', *sys.argv[1:]])}`",
        f"date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"machine: {processor}, {platform.system()} {platform.release()}, Python {platform.python_version()}",
        f"cores: {cores}",
        f"figures: medians of {schedule.rounds} interleaved rounds, {schedule.seconds:g} s a load",
        f"peers: LiteLLM {LITELLM}, one worker; each gateway one worker, started afresh in each round",
    ]


def measure(options: argparse.Namespace, stack: ExitStack) -> str:
    cores, schedule = choose_cores(), plan(options)
    say(str(cores))
    allow_many_files()
    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringfence-bench-")))
    wrk, rig, address = find_wrk(), build_rig(scratch), f"127.0.0.1:{free_port()}"
    mock = stack.enter_context(running([str(rig), "mock", address], cores.load, scratch / "mock.log"))
    loads = Loads(wrk, rig, scratch, cores.load, mock.pid)
    await_mock(Door(f"http://{address}{CHAT}", JSON))
    targets = tuple(BUILDERS[name](f"http://{address}", scratch) for name in options.targets)
    stack.enter_context(pinned(cores.load))
    described, rounds, page = facts(cores, schedule), [], ""
    for measured in Bench(schedule, loads, cores, targets).rounds():
        rounds.append(measured)
        # After each round, so that a run cut short still leaves what it measured.
        page = publish(described, schedule, rounds, options.json)
    return page


def publish(described: list[str], schedule: Schedule, rounds: list[dict[str, Figures]], file: Path) -> str:
    """Write every figure to the file; return the page."""
    summary = medians(rounds)
    judged = goals(summary)
    record = {
        "facts": described,
        "schedule": asdict(schedule),
        "rounds": rounds,
        "medians": summary,
        "goals": [asdict(goal) for goal in judged],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(record, indent=1) + "\n")
    return render([*described, *disturbances(summary)], summary, judged)


def await_mock(door: Door) -> None:
    deadline = time.monotonic() + MOCK_SECONDS
    while not answers(door):
        if time.monotonic() > deadline:
            raise BenchError("The mock engine does not answer. Run `go vet .` in tests/bench/rig.")
        time.sleep(0.05)


def terminate(signum: int, frame: FrameType | None) -> None:
    # Leaves through every `finally`, and so ends the children.
    raise SystemExit(128 + signum)


def main() -> int:
    signal.signal(signal.SIGTERM, terminate)
    options = parse(sys.argv[1:])
    try:
        with ExitStack() as stack:
            print(measure(options, stack), end="")
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
