import json
from typing import Any

import pytest

from appliance.errors import EngineFailed, InvalidRequest
from appliance.privacy.scrubbed import own
from inference.llamacpp.wire import Answer, Capabilities, Upstream, failure, plan, refusal
from inference.messages import Call, Task, Usage

USER = [{"role": "user", "content": "Hi"}]
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
PLAIN = Capabilities()
TOOLS = Capabilities(tools=True)


def call(task: Task = "chat", salt: str | None = None, **body: Any) -> Call:
    body.setdefault("messages" if task == "chat" else "prompt", USER if task == "chat" else "Hi")
    return Call(task=task, model="m", scrubbed=own(json.dumps(body).encode()), stream=True, salt=salt)


def asked(one: Call, capabilities: Capabilities = PLAIN) -> list[dict[str, Any]]:
    return [json.loads(upstream.body) for upstream in plan(one, capabilities)]


def event(delta: dict[str, Any], reason: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason, **more}]}


def usage(prompt: int, completion: int) -> dict[str, Any]:
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}, "timings": {}}


def test_upstream_is_always_one_counted_stream_that_reports_progress():
    (body,) = asked(call(model="m", stream=False, stream_options={"include_usage": False}, n=1, id_slot=3, top_k=5))
    assert body.items() >= {"stream": True, "stream_options": {"include_usage": True}, "return_progress": True}.items()
    assert body["top_k"] == 5
    assert not {"model", "n", "id_slot"} & body.keys()


def test_a_salt_keeps_the_prefix_cache_out():
    assert asked(call(cache_prompt=True, salt="tenant"))[0]["cache_prompt"] is False
    assert asked(call())[0]["cache_prompt"] is True


def test_each_choice_is_a_stream_with_a_seed_of_its_own():
    one = call("completions", prompt=["a", "b"], n=2, seed=7)
    upstreams = plan(one, PLAIN)
    assert [(upstream.index, upstream.prompt) for upstream in upstreams] == [(0, 0), (1, 0), (2, 1), (3, 1)]
    assert [(body["prompt"], body["seed"]) for body in asked(one)] == [("a", 7), ("a", 8), ("b", 7), ("b", 8)]


@pytest.mark.parametrize(("prompt", "prompts"), [("a", ["a"]), ([1, 2], [[1, 2]]), ([[1], [2]], [[1], [2]])])
def test_prompts_are_texts_or_tokens(prompt: Any, prompts: Any):
    assert [body["prompt"] for body in asked(call("completions", prompt=prompt))] == prompts


def test_either_name_of_the_limit_is_passed_on():
    assert asked(call(max_completion_tokens=3, max_tokens=9))[0]["max_tokens"] == 3
    assert asked(call(max_tokens=9))[0]["max_tokens"] == 9
    assert "max_tokens" not in asked(call(max_tokens=None))[0]


def test_a_model_that_knows_tools_chooses_by_itself_but_is_held_to_a_demand():
    (free,) = asked(call(tools=[TOOL], tool_choice="auto"), TOOLS)
    assert free["tools"] == [TOOL]
    for capabilities, choice in ((TOOLS, "required"), (PLAIN, "auto")):
        (upstream,) = plan(call(tools=[TOOL], tool_choice=choice), capabilities)
        assert upstream.reads_calls
        assert json.loads(upstream.body).keys() >= {"response_format"}


def test_messages_are_put_in_words_that_templates_know():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    history = [{"role": "developer", "content": parts}, {"role": "assistant", "content": None}]
    (body,) = asked(call(messages=history))
    assert body["messages"] == [{"role": "system", "content": "ab"}, {"role": "assistant", "content": ""}]
    with pytest.raises(InvalidRequest, match="text only"):
        asked(call(messages=[{"role": "user", "content": [{"type": "image_url"}]}]))


@pytest.mark.parametrize(
    ("one", "param"),
    [
        (call(functions=[{}]), "functions"),
        (call("completions", echo=True), "echo"),
        (call("completions", prompt=[]), "prompt"),
        (call("completions", prompt=["a"] * 100, n=2), "n"),
    ],
)
def test_what_cannot_be_kept_is_refused(one: Call, param: str):
    with pytest.raises(InvalidRequest) as refused:
        plan(one, PLAIN)
    assert refused.value.param == param


def translate(one: Call, events: list[dict[str, Any]]) -> tuple[Answer, list[dict[str, Any]]]:
    upstreams = plan(one, PLAIN)
    answer = Answer(one, upstreams)
    return answer, [out for each in events for out in answer.translate(each, upstreams[0])]


def test_the_role_comes_once_before_the_first_words():
    progress = event({"role": "assistant", "content": None}) | {"prompt_progress": {"processed": 1}}
    begin = event({"role": "assistant", "content": None})
    answer, out = translate(call(), [progress, begin, event({"content": "a"}), event({}, "stop"), usage(3, 1)])
    deltas = [(each["choices"][0]["delta"], each["choices"][0]["finish_reason"]) for each in out]
    assert deltas == [({"role": "assistant", "content": ""}, None), ({"content": "a"}, None), ({}, "stop")]
    assert answer.usage == Usage(3, 1)
    assert answer.usage_event()["usage"]["total_tokens"] == 4
    assert {each["model"] for each in out} == {"m"}


def test_prompts_are_counted_once_and_choices_each():
    one = call("completions", prompt=["a", "b"], n=2)
    upstreams = plan(one, PLAIN)
    answer = Answer(one, upstreams)
    for upstream in upstreams:
        answer.translate(usage(5, 2), upstream)
    assert answer.usage == Usage(10, 8)


def test_logprobs_are_as_many_as_asked():
    top = [{"id": n, "token": str(n), "bytes": [], "logprob": -n} for n in range(3)]
    entry = {"id": 1, "token": "a", "bytes": [97], "logprob": -0.5, "top_logprobs": top}
    for wanted in (0, 2):
        given = event({"content": "a"}, logprobs={"content": [entry]})
        _, out = translate(call(logprobs=True, top_logprobs=wanted), [given])
        (found,) = out[1]["choices"][0]["logprobs"]["content"]
        assert found.keys() == {"token", "bytes", "logprob", "top_logprobs"}
        assert [other["token"] for other in found["top_logprobs"]] == ["0", "1", "2"][:wanted]


def test_an_error_in_the_stream_is_raised():
    with pytest.raises(EngineFailed):
        translate(call(), [{"error": {"code": 500, "message": "Compute error."}}])


def test_errors_say_whose_they_are():
    long = {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 8, "message": ""}
    assert failure(long).code == "context_length_exceeded"
    assert "9 tokens" in failure(long).message
    assert isinstance(failure({"code": 400, "message": "no"}), InvalidRequest)
    assert isinstance(failure({"code": 500, "message": "no"}), EngineFailed)
    assert isinstance(refusal(b"<html>"), EngineFailed)
    assert isinstance(refusal(b'{"error": {"code": 400, "message": "no"}}'), InvalidRequest)


def test_upstreams_read_calls_only_where_they_are_constrained():
    assert [one.reads_calls for one in plan(call(), PLAIN)] == [False]
    assert Upstream(b"", 0, 0).reads_calls is False
