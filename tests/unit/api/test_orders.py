"""Orders as the ledger has them, with a ledger that keeps its entries in a list."""

import asyncio

import pytest

from api.orders import Author, Book, find, require_here
from appliance.errors import Conflict, Forbidden, InvalidRequest, LedgerUnavailable, NotFound
from appliance.settings import EngineSettings, LaunchSettings
from inference.control import Done, Order, Status

SWAP = Order(verb="swap", engine="chat", model="mistral-nemo-12b-instruct", precision="fp8")
ENGINES = (
    EngineSettings(name="chat", kind="vllm", launch=LaunchSettings(model="llama-3.1-8b-instruct")),
    EngineSettings(name="there", kind="vllm", urls=("http://10.0.0.5:8000",)),
    EngineSettings(name="found", kind="vllm", discover="http://vllm:8000"),
)


class Paper:
    """Of a ledger, what a book needs; `stored` says how many entries had been waited for."""

    def __init__(self, *, is_full=False):
        self.entries = []
        self.stored = 0
        self._is_full = is_full

    def ensure_writable(self):
        if self._is_full:
            raise LedgerUnavailable("The disk is full. Free some space.")

    def record(self, tenant, entry):
        self.entries.append((tenant, entry))

    async def durable(self):
        self.stored = len(self.entries)

    @property
    def codes(self):
        return [entry.code for _, entry in self.entries]


def allow(order):
    pass


def carry_out(paper, order=SWAP, check=allow, ends=None):
    stored = []

    async def send(order):
        stored.append(paper.stored)
        if ends is not None:
            raise ends
        return Done()

    async def run():
        return await Book(paper, Author("default", user="ada", key="k1")).carry_out(order, check, send)

    try:
        return asyncio.run(run())
    finally:
        paper.seen_by_sender = stored


def test_it_is_stored_before_it_is_sent():
    paper = Paper()
    assert carry_out(paper) == Done()
    assert paper.seen_by_sender == [1]
    assert paper.codes == ["asked", "ok"]
    tenant, entry = paper.entries[-1]
    assert (tenant, entry.action, entry.user, entry.key) == ("default", "engine_swap", "ada", "k1")
    assert (entry.engine, entry.model, entry.details) == ("chat", "mistral-nemo-12b-instruct", {"precision": "fp8"})
    assert paper.stored == 2


def test_who_does_not_wait_is_told_that_it_is_accepted():
    paper = Paper()
    carry_out(paper, Order(verb="stop", engine="chat", wait=False))
    assert paper.codes == ["asked", "accepted"]


def test_what_may_not_be_is_recorded_and_never_sent():
    def refuse(order):
        raise Forbidden("No. Ask somebody else.")

    paper = Paper()
    with pytest.raises(Forbidden):
        carry_out(paper, check=refuse)
    assert (paper.codes, paper.seen_by_sender) == (["permission_denied"], [])


@pytest.mark.parametrize(
    ("ends", "code"), [(Conflict("It is busy. Wait."), "conflict"), (asyncio.CancelledError(), "unknown")]
)
def test_its_end_is_recorded_whatever_it_is(ends, code):
    paper = Paper()
    with pytest.raises(type(ends)):
        carry_out(paper, ends=ends)
    assert paper.codes == ["asked", code]


def test_nothing_is_sent_while_nothing_can_be_recorded():
    paper = Paper(is_full=True)
    with pytest.raises(LedgerUnavailable):
        carry_out(paper)
    assert (paper.entries, paper.seen_by_sender) == ([], [])


def test_an_adapter_is_recorded_with_its_tenants_and_without_its_folder():
    paper = Paper()
    load = Order(verb="load", engine="chat", adapter="desk", folder="/srv/secret", tenants=("acme", "north"))
    carry_out(paper, load)
    assert paper.entries[0][1].details == {"adapter": "desk", "tenant_1": "acme", "tenant_2": "north"}


@pytest.mark.parametrize("name", ["there", "found"])
def test_what_runs_elsewhere_is_not_changed_here(name):
    with pytest.raises(InvalidRequest, match=f"{name} runs elsewhere"):
        require_here(ENGINES, name)


@pytest.mark.parametrize("name", ["chat", "removed from the settings", ""])
def test_the_rest_is_for_the_supervisor_to_judge(name):
    require_here(ENGINES, name)


def test_an_engine_is_found_by_its_name_or_those_that_are_there_are_named():
    chat = Status(engine="chat", kind="vllm", state="serving", model="m")
    assert find([chat], "chat") is chat
    with pytest.raises(NotFound, match="those that do: chat"):
        find([chat], "chta")
