"""Tokens per second through Ringfence against the same engine directly, interleaved.

    python -m tests.bench.tokens --direct http://127.0.0.1:8000/v1 --through http://127.0.0.1:8080/v1 \\
        --through-key-file var/admin.key --model NAME
"""

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

GOAL = 0.98


@dataclass(frozen=True)
class Side:
    name: str
    url: str
    model: str
    key: str | None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


@dataclass(frozen=True)
class Burst:
    """`at_once` clients, each sending `requests` streams one after the other."""

    at_once: int
    requests: int
    max_tokens: int
    extra: dict[str, Any]


class TokensError(Exception):
    """The comparison cannot be made; the message ends with the remedy."""


def usage_tokens(line: bytes) -> int | None:
    """The completion tokens that an SSE line accounts for, if it is the one that does."""
    if not line.startswith(b"data: {"):
        return None
    event = json.loads(line[len(b"data: ") :])
    if "error" in event:
        raise TokensError(f"{event['error']} Mend the engine first.")
    usage = event.get("usage")
    return int(usage["completion_tokens"]) if usage else None


async def tokens_of(session: aiohttp.ClientSession, side: Side, burst: Burst, number: int) -> int:
    body = {
        "model": side.model,
        # A prompt of its own for each request, or the second side would find the first one's prefix cached.
        "messages": [{"role": "user", "content": f"{number:06d}. Tell a long story about a lighthouse."}],
        "max_tokens": burst.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        **burst.extra,
    }
    async with session.post(f"{side.url}/chat/completions", json=body, headers=side.headers) as answer:
        if answer.status != 200:
            raise TokensError(f"{side.name} answered {answer.status}: {await answer.text()}")
        found = [tokens for line in [line async for line in answer.content] if (tokens := usage_tokens(line))]
    if not found:
        raise TokensError(f"{side.name} sends no usage. It must know stream_options.include_usage.")
    return found[-1]


async def tokens_per_second(session: aiohttp.ClientSession, side: Side, burst: Burst, numbers: Iterator[int]) -> float:
    async def client() -> int:
        return sum([await tokens_of(session, side, burst, next(numbers)) for _ in range(burst.requests)])

    begun = time.perf_counter()
    tokens = sum(await asyncio.gather(*(client() for _ in range(burst.at_once))))
    return tokens / (time.perf_counter() - begun)


async def compare(direct: Side, through: Side, burst: Burst, rounds: int) -> list[dict[str, float]]:
    """Both sides in each round, the one that goes first taking turns."""
    # Starts where no earlier run on the same engine has been.
    numbers = itertools.count(time.time_ns() // 1_000_000_000 % 1_000_000 * 1_000)
    results = []
    timeout = aiohttp.ClientTimeout(total=None, sock_read=300)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        for side in (direct, through):
            await tokens_per_second(session, side, burst, numbers)
        for number in range(rounds):
            order = (direct, through) if number % 2 == 0 else (through, direct)
            speeds = {side.name: await tokens_per_second(session, side, burst, numbers) for side in order}
            results.append(speeds)
            print(f"round {number + 1}/{rounds}: {speeds}", file=sys.stderr, flush=True)
    return results


def render(results: list[dict[str, float]], burst: Burst) -> str:
    ratio = statistics.median(r["through"] / r["direct"] for r in results)
    direct, through = (statistics.median(r[side] for r in results) for side in ("direct", "through"))
    verdict = "yes" if ratio >= GOAL else "**no**"
    return (
        f"| {burst.at_once} at once, {len(results)} rounds "
        "| direct | through Ringfence | ratio | goal | reached |\n"
        "| --- | --: | --: | --: | --: | --: |\n"
        f"| tokens/s | {direct:,.1f} | {through:,.1f} | {ratio:.3f}x | >= {GOAL}x | {verdict} |\n"
    )


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.tokens", description=__doc__.split("\n")[0])
    parser.add_argument("--direct", required=True, help="the engine's base URL, ending in /v1")
    parser.add_argument("--through", required=True, help="Ringfence's base URL, ending in /v1")
    parser.add_argument("--model", required=True, help="the model's name on the engine")
    parser.add_argument("--through-model", help="its name in Ringfence, when another")
    parser.add_argument("--direct-key-file", type=Path)
    parser.add_argument("--through-key-file", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--requests", type=int, default=2, help="of each client in each round")
    parser.add_argument("--max-tokens", type=int, default=128)
    parser.add_argument("--extra", type=json.loads, default={"ignore_eos": True, "temperature": 0}, metavar="JSON")
    return parser.parse_args(argv)


def key_in(file: Path | None) -> str | None:
    return file.read_text().strip() if file else None


def main() -> int:
    options = parse(sys.argv[1:])
    through_model = options.through_model or options.model
    direct = Side("direct", options.direct, options.model, key_in(options.direct_key_file))
    through = Side("through", options.through, through_model, key_in(options.through_key_file))
    burst = Burst(options.at_once, options.requests, options.max_tokens, options.extra)
    try:
        results = asyncio.run(compare(direct, through, burst, options.rounds))
    except (TokensError, aiohttp.ClientError) as error:
        print(f"tokens: {error}", file=sys.stderr)
        return 2
    print(render(results, burst), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
