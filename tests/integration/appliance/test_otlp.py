"""Spans on their way to a collector that is there, that is gone, that hangs."""

import asyncio
import logging
import socket
import subprocess
import sys
import time

import pytest

from appliance.audit.entry import Entry
from appliance.otlp import BATCH, CLOSE_SECONDS, MOST_WAITING, SEND_SECONDS, Otlp
from appliance.settings import Trace
from tests.integration.collector import attributes, collecting
from tests.integration.inference.scripted_server import serving

LONGEST_CLOSE = CLOSE_SECONDS + SEND_SECONDS + 1


def trace_one(tracer: Otlp) -> str:
    span = tracer.begin("chat", "req_1", {})
    span.tell("acme", Entry(action="chat", model="m", code="ok"))
    span.end(200, "ok")
    return span.traceparent


async def test_spans_are_sent_in_batches_and_on_close() -> None:
    async with collecting() as collector:
        tracer = Otlp(Trace(endpoint=collector.url), "worker-1")
        await tracer.start()
        sent = [trace_one(tracer) for _ in range(2 * BATCH + 1)]
        await tracer.close()
    assert sorted(span.span_id.hex() for span in collector.spans) == sorted(each.split("-")[2] for each in sent)
    assert len(collector.bodies) >= 3
    assert collector.heads[0].startswith(b"POST /v1/traces HTTP/1.1\r\n")
    assert collector.resource["service.name"] == "ringfence"
    assert str(collector.resource["service.instance.id"]).endswith("/worker-1")


@pytest.mark.parametrize("suffix", ["/", "/v1/traces"])
async def test_an_address_may_be_given_with_its_path(suffix: str) -> None:
    async with collecting() as collector:
        tracer = Otlp(Trace(endpoint=collector.url + suffix), "worker-1")
        await tracer.start()
        trace_one(tracer)
        await tracer.close()
    assert collector.heads[0].startswith(b"POST /v1/traces HTTP/1.1\r\n")


@pytest.mark.parametrize("given", [b"", b"nonsense", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01", b"\xff" * 55])
async def test_a_traceparent_that_is_none_begins_a_trace(given: bytes) -> None:
    async with collecting() as collector:
        tracer = Otlp(Trace(endpoint=collector.url), "worker-1")
        await tracer.start()
        tracer.begin("chat", "req_1", {b"traceparent": given}).end(200, "ok")
        await tracer.close()
    [span] = collector.spans
    assert span.parent_span_id == b""
    assert attributes(span)["ringfence.request_id"] == "req_1"


async def test_a_share_is_traced_and_a_caller_decides_for_its_own() -> None:
    parent = b"00-" + b"1" * 32 + b"-" + b"2" * 16
    async with collecting() as collector:
        tracer = Otlp(Trace(endpoint=collector.url, share=0.25), "worker-1")
        await tracer.start()
        for _ in range(400):
            trace_one(tracer)
        tracer.begin("chat", "wanted", {b"traceparent": parent + b"-01"}).end(200, "ok")
        tracer.begin("chat", "unwanted", {b"traceparent": parent + b"-00"}).end(200, "ok")
        await tracer.close()
    requests = [attributes(span)["ringfence.request_id"] for span in collector.spans]
    assert 40 < requests.count("req_1") < 160
    assert set(requests) == {"req_1", "wanted"}


async def test_a_collector_that_is_gone_costs_nothing_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tracer = Otlp(Trace(endpoint=f"http://127.0.0.1:{port}"), "worker-1")
    await tracer.start()
    began = time.perf_counter()
    for _ in range(BATCH):
        trace_one(tracer)
    assert time.perf_counter() - began < 1
    await close_in_time(tracer)
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.name for record in told] == ["appliance.otlp"]
    assert "Check trace.endpoint" in told[0].getMessage()


async def test_a_collector_that_hangs_fills_no_memory_and_holds_up_no_end() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with serving(handler) as url:
        tracer = Otlp(Trace(endpoint=url), "worker-1")
        await tracer.start()
        for _ in range(2 * MOST_WAITING):
            trace_one(tracer)
        await close_in_time(tracer)


async def close_in_time(tracer: Otlp) -> None:
    ticks = asyncio.create_task(asyncio.sleep(0.5))
    began = time.monotonic()
    await tracer.close()
    assert time.monotonic() - began < LONGEST_CLOSE
    assert ticks.done() or time.monotonic() - began < 0.6, "the event loop stood still"


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("open_tracer(Trace(), 'w'); print('opentelemetry.sdk' in sys.modules)", "False"),
        (
            "sys.modules['opentelemetry.sdk'] = None\n"  # as if it were not installed
            "try:\n    open_tracer(Trace(endpoint='http://127.0.0.1:9'), 'w')\n"
            "except ConfigError as error:\n    print(error.message)",
            "pip install 'ringfence[trace]'",
        ),
    ],
)
def test_without_tracing_the_sdk_is_neither_needed_nor_loaded(code: str, seen: str) -> None:
    start = "import sys\nimport api.worker\nfrom appliance.errors import ConfigError\n"
    start += "from appliance.settings import Trace\nfrom appliance.trace import open_tracer\n"
    done = subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, check=True)
    assert seen in done.stdout
