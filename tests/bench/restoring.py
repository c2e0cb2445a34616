"""Measure what putting values back adds to a stream: `python -m tests.bench.restoring`.

Events as vLLM writes them, one token each, go through the restorer of a vault that holds as many values as a long
conversation, and beside it through nothing; what is added is the difference, frame by frame. Then the same with answers
that are searched for leaks, by all patterns.
"""

import argparse
import json
import re
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter

from appliance.privacy.kinds import Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.policy import Policy
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.memory import Memory
from appliance.privacy.scanning.scanner import Scanner
from appliance.privacy.span import Span
from appliance.privacy.vault import Vault
from tests.bench.processes import choose_cores, pinned
from tests.peers.cache import compiled_patterns

VALUES = 40
PARAGRAPH = 5
"""Sentences in one."""
WORDS = "So the line of your customer is back and we have seen no further loss on port seven since noon"
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

KEY = b"the key of a tenant, 32 bytes..."

Step = Callable[[bytes], bytes]


def find(text: str) -> list[Span]:
    return [Span(*each.span(), TYPES[int(each[1]) % len(TYPES)], 1.0, "bench") for each in VALUE.finditer(text)]


def vault() -> Vault:
    return Vault(KEY, find, Policy(), Memory(1 << 20))


def searching_vault(detector: Detector) -> Vault:
    return Vault(KEY, detector.find, Policy(answers="mask"), Memory(1 << 20))


def said(of_request: Vault) -> str:
    """An answer with a value in every sentence."""
    sentences = [f"{WORDS} {of_request.scrub(f'value{number}of{VALUES}', 'user')}." for number in range(VALUES)]
    paragraphs = [" ".join(sentences[at : at + PARAGRAPH]) for at in range(0, VALUES, PARAGRAPH)]
    return "\n\n".join(paragraphs)


def frames(text: str) -> list[bytes]:
    head = '"id":"chatcmpl-7d1f0c5e","object":"chat.completion.chunk","created":1700000000,"model":"llama-3.1-8b"'
    return [
        f'data: {{{head},"choices":[{{"index":0,"delta":{{"content":{json.dumps(token)}}},"logprobs":null,'
        f'"finish_reason":null}}]}}\n\n'.encode()
        for token in TOKEN.findall(text)
    ]


def searched(detector: Detector, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each frame of an answer without leaks, and characters that the caller has to wait for."""
    every, held = list[float](), list[float]()
    text = said(vault())
    for _ in range(rounds):
        restorer = searching_vault(detector).stream()
        told = fed = 0
        for token, frame in zip(TOKEN.findall(text), frames(text), strict=True):
            began = perf_counter()
            out = restorer.feed(frame)
            every.append(perf_counter() - began)
            fed += len(token)
            told += len(json.loads(out[6:])["choices"][0]["delta"]["content"])
            held.append(fed - told)
    return every, held


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
    rounds = parser.parse_args().rounds
    scanner = Scanner(PATTERNS, deadline_seconds=2, floor=Kinds().threshold)
    scanner.prepare(compiled_patterns())
    detector = Detector(scanner, None, Kinds())
    with pinned(choose_cores().gateway):
        first, every = measure(rounds)
        frame, characters = searched(detector, rounds // 5)
    hundredths = statistics.quantiles(every, n=100)
    print(f"{VALUES} values of {len(TYPES)} types, {len(every):,} frames\n\n| added by restoring | ms |\n|---|---|")
    print(f"| time to first token, p50 | {1e3 * statistics.median(first):.3f} |")
    print(f"| inter-frame, p50 | {1e3 * hundredths[49]:.3f} |")
    print(f"| inter-frame, p99 | {1e3 * hundredths[98]:.3f} |")
    print("\n| answers searched | p50 | p99 |\n|---|---|---|")
    taken, held = statistics.quantiles(frame, n=100), statistics.quantiles(characters, n=100)
    print(f"| a frame, ms | {1e3 * taken[49]:.3f} | {1e3 * taken[98]:.3f} |")
    print(f"| a frame on average, ms | {1e3 * statistics.mean(frame):.3f} | |")
    print(f"| characters held | {held[49]:.0f} | {held[98]:.0f} |")


if __name__ == "__main__":
    main()
