"""Traces: one span for each request to a model, of ids, codes and counts. Off unless `trace.endpoint` is set.

OpenTelemetry's names for generative AI still move; `begun`, `told` and `ended` are the one place that knows them.
"""

from collections.abc import Mapping
from typing import Protocol

from appliance.audit.entry import Entry
from appliance.errors import ConfigError
from appliance.settings import Trace

OK = "ok"
ANSWER_STOPPED = "answer_stopped"
"""The policy ended it where the engine told what it should not."""
OPERATIONS = {"completions": "text_completion"}  # the other tasks have OpenTelemetry's names
TOLD = (
    ("gen_ai.request.model", "model"),
    ("gen_ai.response.model", "model"),
    ("gen_ai.request.stream", "streamed"),
    ("gen_ai.usage.input_tokens", "prompt_tokens"),
    ("gen_ai.usage.output_tokens", "completion_tokens"),
    ("ringfence.engine", "engine"),
)

Attributes = dict[str, str | int]


class Span(Protocol):
    """One request, from its first byte to the last of its answer."""

    @property
    def traceparent(self) -> str:
        """What an engine is told, so that its spans hang below ours."""
        ...

    def tell(self, tenant: str, entry: Entry) -> None:
        """Takes over what the ledger says of the request."""
        ...

    def end(self, status: int, code: str) -> None: ...


class Tracer(Protocol):
    async def start(self) -> None: ...

    async def close(self) -> None:
        """Sends what waits, for a few seconds at most."""
        ...

    def begin(self, task: str, request_id: str, headers: Mapping[bytes, bytes]) -> Span: ...


class Off:
    """Traces nothing: a tracer that is its own span."""

    traceparent = ""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    def begin(self, task: str, request_id: str, headers: Mapping[bytes, bytes]) -> Span:
        return self

    def tell(self, tenant: str, entry: Entry) -> None: ...

    def end(self, status: int, code: str) -> None: ...


def open_tracer(chosen: Trace, process: str) -> Tracer:
    if not chosen.endpoint:
        return Off()
    try:
        from appliance.otlp import Otlp
    except ImportError as error:
        raise ConfigError(
            "trace.endpoint is set, and OpenTelemetry is not installed. "
            "Run `pip install 'ringfence[trace]'`, or unset trace.endpoint.",
            param="trace.endpoint",
        ) from error
    return Otlp(chosen, process)


def operation(task: str) -> str:
    return OPERATIONS.get(task, task)


def begun(task: str, request_id: str) -> Attributes:
    return {
        "gen_ai.operation.name": operation(task),
        "gen_ai.provider.name": "ringfence",
        "ringfence.request_id": request_id,
    }


def told(tenant: str, entry: Entry) -> Attributes:
    """What is not known is left out; a model has a name here only when an engine serves it."""
    known = {name: value for name, field in TOLD if (value := getattr(entry, field))}
    return {"ringfence.tenant": tenant, **known}


def ended(status: int, code: str) -> Attributes:
    answered: Attributes = {"http.response.status_code": status}
    return answered if code == OK else {**answered, "error.type": code}


def failed(status: int, code: str) -> bool:
    """It was our doing: to refuse a request, to stop an answer, or to be left by its caller, is no failure."""
    return code not in (OK, ANSWER_STOPPED) and not 400 <= status < 500
