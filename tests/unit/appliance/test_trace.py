import pytest

from appliance import trace
from appliance.audit.entry import Entry
from appliance.settings import Trace

ENTRY = Entry(
    action="chat",
    request_id="req_1",
    user="usr_1",
    key="key_1",
    model="mistral-small",
    engine="gpu-1",
    code="ok",
    streamed=True,
    prompt_tokens=12,
    completion_tokens=34,
    money=56,
    milliseconds=78,
)


def test_what_the_ledger_says_has_opentelemetrys_names():
    assert trace.told("acme", ENTRY) == {
        "ringfence.tenant": "acme",
        "ringfence.engine": "gpu-1",
        "gen_ai.request.model": "mistral-small",
        "gen_ai.response.model": "mistral-small",
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 34,
    }


def test_what_is_not_known_is_left_out():
    assert trace.told("acme", Entry(action="chat", code="model_not_found")) == {"ringfence.tenant": "acme"}


@pytest.mark.parametrize(
    ("task", "name"),
    [("chat", "chat"), ("completions", "text_completion"), ("embeddings", "embeddings"), ("tokenize", "tokenize")],
)
def test_a_task_has_opentelemetrys_name(task, name):
    assert trace.operation(task) == name
    assert trace.begun(task, "req_1")["gen_ai.operation.name"] == name


@pytest.mark.parametrize(
    ("status", "code", "failed"),
    [
        (200, "ok", False),
        (401, "invalid_api_key", False),
        (499, "client_disconnected", False),
        (503, "engine_unavailable", True),
        (200, "answer_stopped", False),
        (200, "engine_failed", True),  # it broke in the middle of a stream
    ],
)
def test_only_what_is_our_doing_is_a_failure(status, code, failed):
    assert trace.failed(status, code) is failed
    assert trace.ended(status, code).get("error.type") == (None if code == "ok" else code)


async def test_switched_off_it_hands_nothing_on():
    tracer = trace.open_tracer(Trace(), "worker-1")
    await tracer.start()
    span = tracer.begin("chat", "req_1", {b"traceparent": b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01"})
    assert span.traceparent == ""
    span.tell("acme", ENTRY)
    span.end(200, "ok")
    await tracer.close()
