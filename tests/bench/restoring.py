"""Measure what putting values back adds to a stream: `python -m tests.bench.restoring`.

Events as vLLM writes them, one token each, go through the restorer of a vault that holds as many values as a long
conversation, and beside it through nothing; what is added is the difference, frame by frame.
"""

import argparse
import json
import re
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter

from appliance.privacy.memory import Memory
from appliance.privacy.policy import Policy
from appliance.privacy.span import Span
from appliance.privacy.vault import Vault
from tests.bench.processes import choose_cores, pinned

VALUES = 40
WORDS = "so the line of your customer is back and we have seen no further loss on port seven since noon"
TOKEN = re.compile(r" ?[A-Z]{1,6}|[0-9A-F]{1,3}| ?\w{1,7}|.", re.DOTALL)
TYPES = (
    "EMAIL_ADDRESS",
    "PERSON",
    "PHONE_NUMBER",
    "IP_ADDRESS",
    "MAC_ADDRESS",
    "SERIAL_NUMBER",
    "CIRCUIT_ID",
    "HOSTNAME",
)
VALUE = re.compile(r"value(\d+)of(\d+)")

Step = Callable[[bytes], bytes]


def find(text: str) -> list[Span]:
    return [Span(*each.span(), TYPES[int(each[1]) % len(TYPES)], 1.0, "bench") for each in VALUE.finditer(text)]


def vault() -> Vault:
    return Vault(b"the key of a tenant, 32 bytes...", find, Policy(), Memory(1 << 20))


def said(of_request: Vault) -> str:
    """An answer with a value in every twentieth word."""
    words = []
    for number in range(VALUES):
        words += [WORDS, of_request.scrub(f"value{number}of{VALUES}", "user")]
    return " ".join(words)


def frames(text: str) -> list[bytes]:
    head = '"id":"chatcmpl-7d1f0c5e","object":"chat.completion.chunk","created":1700000000,"model":"llama-3.1-8b"'
    return [
        f'data: {{{head},"choices":[{{"index":0,"delta":{{"content":{json.dumps(token)}}},"logprobs":null,'
        f'"finish_reason":null}}]}}\n\n'.encode()
        for token in TOKEN.findall(text)
    ]


def timed(step: Step, given: Sequence[bytes]) -> list[float]:
    taken = []
    for frame in given:
        began = perf_counter()
        step(frame)
        taken.append(perf_counter() - began)
    return taken


def measure(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds that the first frame, and every frame, took longer."""
    first, every = list[float](), list[float]()
    for _ in range(rounds):
        of_request = vault()
        given = frames(said(of_request))
        through = timed(lambda raw: raw, given)
        began = perf_counter()
        restorer = of_request.stream()
        restorer.feed(given[0])
        first.append(perf_counter() - began - through[0])
        restored = timed(restorer.feed, given[1:])
        every += [ours - theirs for ours, theirs in zip(restored, through[1:], strict=True)]
    return first, every


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.restoring", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    with pinned(choose_cores().gateway):
        first, every = measure(parser.parse_args().rounds)
    hundredths = statistics.quantiles(every, n=100)
    print(f"{VALUES} values of {len(TYPES)} types, {len(every):,} frames\n\n| added by restoring | ms |\n|---|---|")
    print(f"| time to first token, p50 | {1e3 * statistics.median(first):.3f} |")
    print(f"| inter-frame, p50 | {1e3 * hundredths[49]:.3f} |")
    print(f"| inter-frame, p99 | {1e3 * hundredths[98]:.3f} |")


if __name__ == "__main__":
    main()
