"""Engines over HTTP: who may look and change, what is sent to the supervisor, what the ledger has of it."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from appliance.audit.report import export
from appliance.db import open_database
from appliance.errors import LedgerUnavailable
from appliance.identity import accounts, credentials, signatures
from appliance.identity.credentials import Order as KeyOrder
from appliance.identity.keys import Mint
from appliance.keyring import open_keyring
from appliance.settings import EngineSettings
from inference.control import Crash, Done, Order, Refused, Said, Status
from inference.roster import Adapter
from inference.twin import Twin
from tests.integration.api.conftest import Running, appliance
from tests.integration.inference.scripted_supervisor import Answer, Supervisor, supervising

CHAT = Status(
    engine="chat",
    kind="vllm",
    state="serving",
    model="llama-3.1-8b-instruct",
    names=("chat", "llama-3.1-8b-instruct"),
    adapters=(Adapter("desk", ("acme",)),),
)
CRASH = Crash(at=1_790_000_000.0, how="killed by SIGKILL", cause="The machine had no memory left.", lines=("a", "b"))
ELSEWHERE = EngineSettings(name="twin", kind="vllm", urls=("http://127.0.0.1:9",))
SWAP = {"model": "mistral-nemo-12b-instruct", "precision": "fp8"}
LOAD = {"folder": "/srv/adapters/desk", "tenants": ["acme", "other"]}

CHANGES = [
    ("POST", "/chat/start", None, "engine_start", 202),
    ("POST", "/chat/stop", None, "engine_stop", 202),
    ("POST", "/chat/swap", SWAP, "engine_swap", 202),
    ("PUT", "/chat/adapters/desk", LOAD, "adapter_load", 200),
    ("DELETE", "/chat/adapters/desk", None, "adapter_unload", 200),
    ("POST", "/gpus/3/trust", None, "gpu_trust", 200),
]
LOOKS = ["", "/chat", "/chat/logs", "/chat/why"]


def script(order: Order) -> Iterable[Answer]:
    if order.engine not in ("", "chat"):
        yield Refused("not_found", f"There is no engine {order.engine!r}. See `ringfence engines list`.")
    if order.verb == "logs":
        yield from (Said(f"line {number}") for number in range(order.lines))
    yield Done(engines=(CHAT,), crashes=(CRASH,) * (order.verb == "why"), set_aside={"3": "XID 79"})


@asynccontextmanager
async def supervised(var: Path) -> AsyncIterator[tuple[Running, Supervisor]]:
    async with supervising(var, script) as supervisor, appliance(var, Twin(), engines=(ELSEWHERE,)) as running:
        yield running, supervisor


async def ask(
    running: Running, method: str, path: str, body: Any = None, authorization: str | None = None
) -> tuple[int, Any]:
    raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": authorization or f"Bearer {running.key}"}
    async with openai.DefaultAsyncHttpxClient() as client:
        answer = await client.request(method, f"{running.url}/admin/engines{path}", content=raw, headers=headers)
        return answer.status_code, answer.json()


async def bearer(running: Running, tenant: str, role: str, **wishes: Any) -> str:
    settings = running.ring.settings
    database = open_database(settings)
    if tenant != "default":
        await accounts.create_tenant(database, tenant)
    order = KeyOrder(tenant=tenant, name="other", role=role, **wishes)
    issued = await credentials.create_key(database, Mint(open_keyring(settings).pepper), order)
    await database.close()
    return f"Bearer {issued.text}"


async def entries(running: Running) -> list[dict[str, Any]]:
    await running.ring.ledger.close()
    database = open_database(running.ring.settings)
    lines = [json.loads(line) async for line in export(database)]
    await database.close()
    return [line for line in lines if line["action"].startswith(("engine_", "adapter_", "gpu_"))]


async def test_engines_here_and_elsewhere_are_listed(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (running, _):
        status, told = await ask(running, "GET", "")
    assert status == 200
    (here,), (there,) = told["engines"], told["elsewhere"]
    assert (here["engine"], here["state"], here["adapters"]) == (
        "chat", "serving", [{"name": "desk", "tenants": ["acme"]}],
    )  # fmt: skip
    assert (there["server"], there["ready"], there["names"]) == ("twin", True, ["twin"])
    assert told["set_aside"] == {"3": "XID 79"}


async def test_one_engine_its_log_and_its_crashes(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        assert (await ask(running, "GET", "/chat"))[1]["engines"][0]["names"] == ["chat", "llama-3.1-8b-instruct"]
        assert (await ask(running, "GET", "/chat/logs?lines=2"))[1] == {"lines": ["line 0", "line 1"]}
        _, why = await ask(running, "GET", "/chat/why")
        assert (await ask(running, "GET", "/chat/logs?lines=1001"))[0] == 400
        status, told = await ask(running, "GET", "/chatt")
    assert (why["engine"]["engine"], why["crashes"][0]["cause"]) == ("chat", "The machine had no memory left.")
    assert (status, told["error"]["code"]) == (404, "not_found")
    assert [(order.verb, order.engine) for order in supervisor.orders] == [
        ("list", ""), ("logs", "chat"), ("why", "chat"), ("list", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "action", "status"), CHANGES)
async def test_a_change_is_sent_once_and_in_the_ledger_before_and_after(
    tmp_path: Path, method: str, path: str, body: Any, action: str, status: int
) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        assert (await ask(running, method, path, body))[0] == status
        asked, ended = await entries(running)
    (order,) = supervisor.orders
    assert order.wait is (status == 200)
    assert (asked["action"], asked["code"]) == (action, "asked")
    assert (ended["action"], ended["code"]) == (action, "ok" if order.wait else "accepted")
    assert ended["key"] and ended["request_id"] == asked["request_id"]
    assert ended.get("engine", "") == order.engine


async def test_a_swap_says_which_model_and_an_adapter_for_whom(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        await ask(running, "POST", "/chat/swap", SWAP)
        await ask(running, "PUT", "/chat/adapters/desk", LOAD)
        await ask(running, "PUT", "/chat/adapters/desk", {**LOAD, "tenants": ["*"]})
        found = [line for line in await entries(running) if line["code"] != "asked"]
    swap, load, _ = supervisor.orders
    assert (swap.model, swap.precision, load.folder, load.tenants) == (
        "mistral-nemo-12b-instruct", "fp8", "/srv/adapters/desk", ("acme", "other"),
    )  # fmt: skip
    assert (found[0]["model"], found[0]["details"]) == ("mistral-nemo-12b-instruct", {"precision": "fp8"})
    assert found[1]["details"] == {"adapter": "desk", "tenant_1": "acme", "tenant_2": "other"}
    assert found[2]["details"] == {"adapter": "desk", "tenants": "all"}
    assert "/srv" not in json.dumps(found)


@pytest.mark.parametrize("role", ["admin", "operator"])
async def test_another_tenant_may_not_even_look(tmp_path: Path, role: str) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        theirs = await bearer(running, "acme", role)
        answers = [await ask(running, "GET", path, None, theirs) for path in LOOKS]
        answers += [await ask(running, method, path, body, theirs) for method, path, body, _, _ in CHANGES]
        found = await entries(running)
    assert {(status, told["error"]["code"]) for status, told in answers} == {(403, "permission_denied")}
    assert [(line["action"], line["code"]) for line in found] == [
        (action, "permission_denied") for *_, action, _ in CHANGES
    ]
    assert supervisor.orders == []


@pytest.mark.parametrize(
    ("role", "scopes", "looks", "operates", "manages"),
    [
        ("admin", None, True, True, True),
        ("admin", ["inference"], False, False, False),
        ("operator", None, True, True, False),
        ("operator", ["engines:read"], True, False, False),
        ("service", None, False, False, False),
        ("agent", None, False, False, False),
        ("customer", None, False, False, False),
    ],
)
async def test_each_role_may_what_it_may(
    tmp_path: Path, role: str, scopes: list[str] | None, looks: bool, operates: bool, manages: bool
) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        theirs = await bearer(running, "default", role, scopes=scopes)
        seen = {(await ask(running, "GET", path, None, theirs))[0] for path in LOOKS}
        done = [(await ask(running, method, path, body, theirs))[0] for method, path, body, _, _ in CHANGES]
    assert seen == {200 if looks else 403}
    assert {status < 300 for status in done[:3]} == {operates}
    assert {status < 300 for status in done[3:]} == {manages}
    assert len(supervisor.orders) == 4 * looks + 3 * operates + 3 * manages


async def test_without_a_credential_nothing_is_told(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        answers = [(await ask(running, "GET", path, None, "Bearer rf_nobody"))[0] for path in LOOKS]
        answers += [(await ask(running, m, path, body, "Bearer rf_nobody"))[0] for m, path, body, _, _ in CHANGES]
    assert set(answers) == {401}
    assert supervisor.orders == []


async def test_a_signed_swap_is_carried_out_and_one_with_another_body_is_not(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        signer = (await bearer(running, "default", "operator", signing=True)).removeprefix("Bearer ")
        body = json.dumps(SWAP).encode()
        for sent, expected in ((body, 202), (body.replace(b"fp8", b"int4"), 401)):
            signed = signatures.Request("POST", "/admin/engines/chat/swap", body)
            header = signatures.sign(signer, signed)
            assert (await ask(running, "POST", "/chat/swap", sent, header))[0] == expected
    assert [order.model for order in supervisor.orders] == ["mistral-nemo-12b-instruct"]


@pytest.mark.parametrize(
    ("method", "path", "body", "param"),
    [
        ("POST", "/chat/swap", {"modl": "x"}, None),
        ("POST", "/chat/swap", {"model": 7}, "model"),
        ("POST", "/chat/swap", {"precision": "fp16"}, "precision"),
        ("POST", "/chat/swap", b"no JSON", None),
        ("POST", "/chat/swap", {"model": "x" * 5000}, "model"),
        ("PUT", "/chat/adapters/desk", {"folder": "/srv"}, "tenants"),
        ("PUT", "/chat/adapters/desk", {"folder": "", "tenants": ["*"]}, "folder"),
        ("PUT", "/chat/adapters/desk", {"folder": "/srv", "tenants": []}, "tenants"),
        ("PUT", "/chat/adapters/desk", None, None),
        ("POST", "/twin/stop", None, None),
    ],
)
async def test_what_is_wrong_is_refused_and_never_sent(
    tmp_path: Path, method: str, path: str, body: Any, param: str | None
) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        status, told = await ask(running, method, path, body)
    assert status == 400
    if param:
        assert told["error"]["param"] == param
    assert supervisor.orders == []


async def test_nothing_is_sent_while_the_ledger_cannot_be_written(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (running, supervisor):
        await running.ring.ledger.close()  # from here on it refuses, as with a full disk
        with pytest.raises(LedgerUnavailable):
            running.ring.ledger.ensure_writable()
        answers = [await ask(running, method, path, body) for method, path, body, _, _ in CHANGES]
    assert {(status, told["error"]["code"]) for status, told in answers} == {(503, "audit_unavailable")}
    assert supervisor.orders == []


async def test_a_refusal_of_the_supervisor_is_told_and_recorded(tmp_path: Path) -> None:
    busy = Refused("conflict", "chat is being swapped. Wait until it is done.")
    async with supervising(tmp_path, lambda _: [busy]), appliance(tmp_path, Twin()) as running:
        status, told = await ask(running, "POST", "/chat/swap", SWAP)
        found = await entries(running)
    assert (status, told["error"]["message"]) == (409, busy.message)
    assert [line["code"] for line in found] == ["asked", "conflict"]


async def test_without_a_supervisor_it_is_503(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin()) as running:
        status, told = await ask(running, "GET", "")
    assert (status, told["error"]["code"]) == (503, "supervisor_unavailable")


async def test_every_route_is_described_with_its_shapes(tmp_path: Path) -> None:
    async with supervised(tmp_path) as (running, _), openai.DefaultAsyncHttpxClient() as client:
        described = (await client.get(f"{running.url}/openapi.json")).json()
    routes = {
        (method.upper(), path.removeprefix("/admin/engines"))
        for path, methods in described["paths"].items()
        if path.startswith("/admin/engines")
        for method in methods
    }
    assert len(routes) == len(LOOKS) + len(CHANGES)
    swap = described["paths"]["/admin/engines/{name}/swap"]["post"]
    assert swap["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/SwapRequest")
    assert described["components"]["schemas"]["SwapRequest"]["additionalProperties"] is False
    assert described["components"]["schemas"]["Status"]["properties"]["state"]
