"""Spans through OpenTelemetry's SDK, which an extra brings, to a collector over HTTP."""

import asyncio
import logging
import math
import platform
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version

from opentelemetry import trace as api
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from appliance import trace
from appliance.audit.entry import Entry
from appliance.settings import Trace

log = logging.getLogger(__name__)

PATH = "/v1/traces"
MOST_WAITING = 4096  # spans; the oldest are dropped
BATCH = 512
EVERY_MILLISECONDS = 2000
SEND_SECONDS = 3.0
CLOSE_SECONDS = 2.0
PARENT = "traceparent"


class Otlp:
    """Follows the caller's decision whether to record a trace; where there is none, records a share."""

    def __init__(self, chosen: Trace, process: str) -> None:
        self._outbox = Outbox(chosen.endpoint)
        self._propagator = TraceContextTextMapPropagator()
        named = {
            "service.name": "ringfence",
            "service.version": version("ringfence"),
            "service.instance.id": f"{platform.node()}/{process}",
        }
        sampler = ParentBased(TraceIdRatioBased(chosen.share))
        self._provider = TracerProvider(sampler, Resource(named), shutdown_on_exit=False)
        self._tracer = self._provider.get_tracer("ringfence")

    async def start(self) -> None:
        self._provider.add_span_processor(
            BatchSpanProcessor(self._outbox, MOST_WAITING, EVERY_MILLISECONDS, BATCH)  # in a thread of its own
        )

    async def close(self) -> None:
        self._outbox.close_at = time.monotonic() + CLOSE_SECONDS
        await asyncio.to_thread(self._provider.shutdown)

    def begin(self, task: str, request_id: str, headers: Mapping[bytes, bytes]) -> "OtlpSpan":
        given = headers.get(PARENT.encode())
        parent = Context()
        if given is not None:
            parent = self._propagator.extract({PARENT: given.decode("latin-1")}, parent)
        name = trace.operation(task)
        attributes = trace.begun(task, request_id)
        return OtlpSpan(name, self._tracer.start_span(name, parent, api.SpanKind.SERVER, attributes))


class OtlpSpan:
    __slots__ = ("_name", "_span", "traceparent")

    def __init__(self, name: str, span: api.Span) -> None:
        self._name = name
        self._span = span
        context = span.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def tell(self, tenant: str, entry: Entry) -> None:
        self._span.set_attributes(trace.told(tenant, entry))
        if entry.model:
            self._span.update_name(f"{self._name} {entry.model}")

    def end(self, status: int, code: str) -> None:
        self._span.set_attributes(trace.ended(status, code))
        if trace.failed(status, code):
            self._span.set_status(api.StatusCode.ERROR)
        self._span.end()


class Outbox(SpanExporter):
    """Tells once that the collector cannot be reached, and once that it is back."""

    def __init__(self, endpoint: str) -> None:
        self.close_at = math.inf
        self._endpoint = endpoint
        self._arrives = True
        url = endpoint.rstrip("/").removesuffix(PATH) + PATH
        self._exporter = OTLPSpanExporter(url, timeout=SEND_SECONDS)
        # It would say so at every attempt, for as long as the collector is away.
        logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if time.monotonic() > self.close_at:
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        self._tell(result is SpanExportResult.SUCCESS)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _tell(self, arrives: bool) -> None:
        if arrives == self._arrives:
            return
        self._arrives = arrives
        if arrives:
            log.info("the collector takes spans again")
        else:
            log.warning("no spans can be sent to %s: requests go on without. Check trace.endpoint.", self._endpoint)
