"""From the rounds' figures to one table. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.visit import Figures

Rounds = Sequence[Mapping[str, Figures]]
Medians = Mapping[str, Figures]

# key: what a row shows and how; a target without that figure shows a dash.
ROWS = (
    ("rps_1", "requests/s, 1 connection", ",.0f"),
    ("rps_32", "requests/s, 32 connections", ",.0f"),
    ("rps_128", "requests/s, 128 connections", ",.0f"),
    ("cpu_us_32", "CPU per request at 32 connections, µs", ",.0f"),
    ("added_p50_1", "added p50, 1 connection, ms", ".2f"),
    ("added_p99_1", "added p99, 1 connection, ms", ".2f"),
    ("added_p50_32", "added p50, 32 connections, ms", ".2f"),
    ("added_p99_32", "added p99, 32 connections, ms", ".2f"),
    ("added_p50_128", "added p50, 128 connections, ms", ".2f"),
    ("added_p99_128", "added p99, 128 connections, ms", ".2f"),
    ("added_first_16", "added time to first token, p50, 16 streams, ms", ".2f"),
    ("added_gap_16", "added inter-frame p99, 16 streams, ms", ".2f"),
    ("added_first_100", "added time to first token, p50, 100 streams, ms", ".2f"),
    ("added_gap_100", "added inter-frame p99, 100 streams, ms", ".2f"),
    ("held_whole", "streams held, none lost", ",.0f"),
    ("held_on_time", "streams held, none lost or late", ",.0f"),
    ("rss_idle", "memory idle, all processes, MB", ",.0f"),
    ("rss_loaded", "memory loaded, all processes, MB", ",.0f"),
    ("rss_after", "memory after, all processes, MB", ",.0f"),
    ("worker_rss_idle", "memory idle, API process, MB", ",.0f"),
    ("worker_rss_loaded", "memory loaded, API process, MB", ",.0f"),
    ("worker_rss_after", "memory after, API process, MB", ",.0f"),
    ("worker_growth", "growth of the API process, MB", "+,.1f"),
    ("growth_requests", "... over so many requests", ",.0f"),
    ("ready_s", "start to first answer, s", ".2f"),
    ("errors", "failed requests and lost streams", ",.0f"),
    ("foreign_gateway", "taken of the gateway's core by other programs", ".0%"),
    ("foreign_load", "taken of the load's core by other programs", ".0%"),
)
LATENCIES = ("p50_", "p99_", "first_", "gap_")
RATES = (("ringfence", "litellm", 60.0), ("ringfence", "passthrough", 1.0), ("patterns", "pass", 0.5))
DISTURBED = 0.05
FAILURES = ("errors_", "lost_")


@dataclass(frozen=True)
class Goal:
    figure: str
    goal: str
    measured: str
    reached: bool


def derive(round_figures: Mapping[str, Figures]) -> dict[str, Figures]:
    """Add to each target what it added to the direct way in the same round, and its failures in sum."""
    direct = round_figures.get("direct", {})
    derived = {}
    for target, figures in round_figures.items():
        added = {
            f"added_{key}": value - direct[key]
            for key, value in figures.items()
            if target != "direct" and key in direct and key.startswith(LATENCIES)
        }
        failed = sum(value for key, value in figures.items() if key.startswith(FAILURES))
        derived[target] = figures | added | {"errors": failed}
    return derived


def medians(rounds: Rounds) -> dict[str, Figures]:
    """Per target and figure, the median over the rounds that have it; failures are summed instead."""
    gathered: dict[str, dict[str, list[float]]] = {}
    for round_figures in map(derive, rounds):
        for target, figures in round_figures.items():
            for key, value in figures.items():
                gathered.setdefault(target, {}).setdefault(key, []).append(value)
    return {
        target: {key: sum(v) if key == "errors" else statistics.median(v) for key, v in figures.items()}
        for target, figures in gathered.items()
    }


def disturbances(measured: Medians) -> list[str]:
    """What a reader must know before trusting the figures."""
    return [
        f"**not fit to publish**: other programs took {figures[key]:.0%} of the {side}'s core under {target}"
        for target, figures in measured.items()
        for side in ("gateway", "load")
        if figures.get(key := f"foreign_{side}", 0) > DISTURBED
    ]


def goals(measured: Medians) -> list[Goal]:
    """The goals that this run can judge, for the product only."""
    own = measured.get("ringfence", {})
    found = []
    for ours, peer, least in RATES:
        rate, theirs = (measured.get(target, {}).get("rps_32") for target in (ours, peer))
        if rate is not None and theirs:
            told = f"requests/s at 32 connections, {ours} against {peer}"
            found.append(_at_least(told, rate / theirs, least, ".2f", "x"))
    bounds = (
        ("added_p50_1", "added p50 at 1 connection", 0.6, ".2f", " ms"),
        ("added_first_16", "added time to first token, p50, 16 streams", 1.0, ".2f", " ms"),
        ("added_gap_16", "added inter-frame p99, 16 streams", 0.5, ".2f", " ms"),
        ("worker_rss_idle", "memory of the API process, idle", 120.0, ".0f", " MB"),
        ("worker_growth", "growth of the API process", 5.0, ".1f", " MB"),
        ("ready_s", "start to first answer", 2.0, ".2f", " s"),
    )
    for key, figure, most, style, unit in bounds:
        if key in own:
            found.append(_at_most(figure, own[key], most, style, unit))
    if "held_whole" in own:
        found.append(_at_least("streams held, none lost", own["held_whole"], 1000.0, ".0f", ""))
    return found


def _at_least(figure: str, value: float, least: float, style: str, unit: str) -> Goal:
    return Goal(figure, f">= {least:g}{unit}", f"{value:{style}}{unit}", value >= least)


def _at_most(figure: str, value: float, most: float, style: str, unit: str) -> Goal:
    return Goal(figure, f"<= {most:g}{unit}", f"{value:{style}}{unit}", value <= most)


def render(facts: Sequence[str], measured: Medians, judged: Sequence[Goal]) -> str:
    """The Markdown page: what was run where, the table, and the goals."""
    targets = list(measured)
    rows = [
        [label, *(_cell(measured[target].get(key), style) for target in targets)]
        for key, label, style in ROWS
        if any(key in measured[target] for target in targets)
    ]
    parts = ["\n".join(f"- {fact}" for fact in facts), _table(["", *targets], rows)]
    if judged:
        verdicts = [[g.figure, g.goal, g.measured, "yes" if g.reached else "**no**"] for g in judged]
        parts.append(_table(["figure", "goal", "measured", "reached"], verdicts))
    return "\n\n".join(parts) + "\n"


def _cell(value: float | None, style: str) -> str:
    return "-" if value is None else f"{value:{style}}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
