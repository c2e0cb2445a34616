"""The client of the supervisor's orders, over the real socket."""

from pathlib import Path

import pytest

from appliance.errors import Conflict, ModelError, NotFound, RingfenceError, Unavailable
from inference.control import LONGEST_LINE, Done, Order, Refused, Said, Status, socket_of
from inference.ordering import ask
from tests.integration.inference.scripted_supervisor import Answer, supervising

CHAT = Status(engine="chat", kind="vllm", state="serving", model="llama-3.1-8b-instruct")
START = Order(verb="start", engine="chat")


async def test_what_it_says_is_heard_in_order_and_its_last_word_returned(tmp_path: Path) -> None:
    script: list[Answer] = [Said("starting"), 0.02, Said("loading weights 40%"), Done(engines=(CHAT,))]
    heard: list[str] = []
    async with supervising(tmp_path, lambda _: script) as supervisor:
        done = await ask(tmp_path, START, heard.append)
    assert done == Done(engines=(CHAT,))
    assert heard == ["starting", "loading weights 40%"]
    assert supervisor.orders == [START]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("not_found", NotFound),
        ("model_error", ModelError),
        ("conflict", Conflict),
        ("unavailable", Unavailable),
        ("rate_limit_exceeded", Conflict),
        ("of_a_newer_version", Conflict),
    ],
)
async def test_a_refusal_is_the_error_that_was_raised_over_there(
    tmp_path: Path, code: str, kind: type[RingfenceError]
) -> None:
    async with supervising(tmp_path, lambda _: [Said("looking"), Refused(code, "It is not so. Do this.")]):
        with pytest.raises(RingfenceError) as caught:
            await ask(tmp_path, START)
    assert (type(caught.value), caught.value.code, caught.value.message) == (kind, code, "It is not so. Do this.")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([], "went away"),
        ([Said("starting")], "went away"),
        ([b'{"type":"done"'], "went away"),
        ([b"hello\n"], "speaks otherwise"),
        ([b'{"type":"roster","version":1}\n'], "speaks otherwise"),
        ([b"x" * (LONGEST_LINE + 1) + b"\n"], "speaks otherwise"),
    ],
)
async def test_a_supervisor_that_breaks_off_or_talks_nonsense(
    tmp_path: Path, answers: list[Answer], words: str
) -> None:
    async with supervising(tmp_path, lambda _: answers):
        with pytest.raises(Unavailable, match=words) as caught:
            await ask(tmp_path, START)
    assert caught.value.code == "supervisor_unavailable"


async def test_where_none_runs_the_folder_and_the_remedy_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=f"{tmp_path} does not run. Start it with `ringfence serve`"):
        await ask(tmp_path, START)
    async with supervising(tmp_path, lambda _: []):
        pass
    socket_of(tmp_path).touch()  # what a supervisor leaves that was killed
    with pytest.raises(Unavailable, match="does not run"):
        await ask(tmp_path, START)
