"""A collector of spans on loopback: it speaks OTLP over HTTP and keeps what comes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.integration.inference.scripted_server import plain, read_request, serving


@dataclass
class Collector:
    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def resource(self) -> dict[str, object]:
        return plain_values(ExportTraceServiceRequest.FromString(self.bodies[0]).resource_spans[0].resource.attributes)


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector = Collector()

    async def handler(reader, writer) -> None:  # type: ignore[no-untyped-def]
        while (request := await read_request(reader))[0]:
            collector.heads.append(request[0])
            collector.bodies.append(request[1])
            writer.write(plain(b"", headers="content-type: application/x-protobuf\r\n"))

    async with serving(handler) as collector.url:
        yield collector


def attributes(span: Span) -> dict[str, object]:
    return plain_values(span.attributes)


def plain_values(pairs) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
