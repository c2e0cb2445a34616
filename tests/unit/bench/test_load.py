import json
import math

from tests.bench.load import chat_body, parse_wrk

LINE = '{"requests": %d, "seconds": 2.0, "p50_ms": 1.5, "p99_ms": 9.0, "refused": %d, "broken": 2}\n'


def test_refused_requests_are_no_throughput_but_failures() -> None:
    seen = parse_wrk(b"Running 2s test\n" + (LINE % (100, 40)).encode())

    assert seen.per_second == 30
    assert seen.errors == 42
    assert (seen.p50_ms, seen.p99_ms) == (1.5, 9.0)


def test_nothing_answered_has_no_latency() -> None:
    seen = parse_wrk((LINE % (0, 0)).encode())

    assert seen.per_second == 0
    assert math.isnan(seen.p50_ms)
    assert math.isnan(seen.p99_ms)


def test_only_the_streamed_body_asks_for_a_stream_with_usage() -> None:
    whole, streamed = json.loads(chat_body(stream=False)), json.loads(chat_body(stream=True))

    assert "stream" not in whole
    assert streamed == whole | {"stream": True, "stream_options": {"include_usage": True}}
