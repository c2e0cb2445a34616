"""`ringfence engines` against a supervisor on the real socket, a server elsewhere, and a real ledger."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from inference.control import Crash, Done, Order, Refused, Said, Status
from inference.roster import Adapter
from tests.integration.api.cli.commands import NO_MODEL, Ringfence
from tests.integration.inference.scripted_supervisor import Answer, supervising_beside

CHAT = Status(
    engine="chat",
    kind="vllm",
    state="serving",
    model="llama-3.1-8b-instruct",
    names=("chat",),
    precision="fp8",
    gpus=("0", "1"),
    pid=4711,
    seconds=90.0,
    restarts=2,
    adapters=(Adapter("desk", ("acme", "north")), Adapter("sales", ("*",))),
)
NEXT = Status(
    engine="next", kind="vllm", state="starting", model="mistral-nemo-12b-instruct", progress="loading weights 40%"
)
CRASHES = (
    Crash(at=1_790_000_000.0, how="exited with 1", cause="No GPU memory was left. Lower launch.share.", lines=("x",)),
    Crash(at=1_790_000_060.0, how="killed by SIGKILL"),
)  # fmt: skip


FAULT = "GPU 3 is set aside: it fell off the bus (XID 79). Restart this machine, then run `ringfence engines trust 3`."


def script(order: Order) -> Iterable[Answer]:
    if order.engine == "nobody":
        yield Refused("not_found", "There is no engine 'nobody'. Choose one of `ringfence engines list`.")
    elif order.verb == "swap":
        yield Said("mistral-nemo-12b-instruct fits beside the old one, on GPU 2")
        yield Said("loading weights 40%")
    elif order.verb == "logs":
        yield from (Said(f"line {number}") for number in range(order.lines))
    yield Done(engines=(CHAT, NEXT)[: 1 if order.engine else 2], crashes=CRASHES, set_aside={"GPU-3f": FAULT})


@pytest.fixture
def ringfence(tmp_path: Path) -> Ringfence:
    begun = Ringfence(tmp_path)
    begun("init")
    begun("tenants", "create", "acme")
    return begun


def entries(ringfence: Ringfence) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ringfence("audit", "export").splitlines()]


def test_engines_here_and_elsewhere_are_listed(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, script):
        table = ringfence("engines", "list").splitlines()
        told = ringfence.rows("engines", "list")
    rows = {line.split()[0]: line for line in table}
    assert "llama-3.1-8b-instruct fp8" in rows["chat"] and "0,1" in rows["chat"] and "4711" in rows["chat"]
    assert "chat,desk,sales" in rows["chat"]
    assert rows["next"].endswith("loading weights 40%")
    assert "not ready" in rows["elsewhere"] and "cannot be reached" in rows["elsewhere"]
    assert table[-1] == FAULT
    assert [each["engine"] for each in told["engines"]] == ["chat", "next"]
    (there,) = told["elsewhere"]
    assert (there["engine"], there["ready"]) == ("elsewhere", False)


def test_servers_behind_a_name_are_looked_up(tmp_path: Path) -> None:
    names = {"near": "localhost", "lost": "nowhere.invalid"}
    engines = "".join(
        f'[[engines]]\nname = "{name}"\nkind = "vllm"\ndiscover = "http://{host}:9"\n' for name, host in names.items()
    )
    looking = Ringfence(tmp_path, engines)
    with supervising_beside(looking.var, script):
        found = {each["server"]: each for each in looking.rows("engines", "list")["elsewhere"]}
    assert "near-1" in found and "cannot be reached" in found["near-1"]["reason"]
    assert not found["lost"]["ready"] and "cannot be looked up" in found["lost"]["reason"]


def test_a_swap_says_what_it_will_do_how_it_goes_and_how_it_ended(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, script) as supervisor:
        done = ringfence.try_("engines", "swap", "chat", "mistral-nemo-12b-instruct", "--precision", "fp8")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "mistral-nemo-12b-instruct fits beside the old one, on GPU 2", "loading weights 40%",
    ]  # fmt: skip
    assert done.stdout == "chat serves llama-3.1-8b-instruct as chat, desk, sales.\n"
    (order,) = supervisor.orders
    assert (order.verb, order.model, order.precision, order.wait) == (
        "swap", "mistral-nemo-12b-instruct", "fp8", True,
    )  # fmt: skip


def test_every_change_is_in_the_ledger_before_and_after(ringfence: Ringfence, tmp_path: Path) -> None:
    orders = {
        "engine_start": ("start", "chat"),
        "engine_stop": ("stop", "chat", "--no-wait"),
        "engine_swap": ("swap", "chat", "mistral-nemo-12b-instruct"),
        "adapter_load": ("adapters", "load", "chat", "desk", str(tmp_path), "--tenant", "acme"),
        "adapter_unload": ("adapters", "unload", "chat", "desk"),
        "gpu_trust": ("trust", "3"),
    }
    with supervising_beside(ringfence.var, script) as supervisor:
        for order in orders.values():
            ringfence("engines", *order)
    found = entries(ringfence)
    ends = ["ok", "accepted", "ok", "ok", "ok", "ok"]
    expected = [(action, code) for action, end in zip(orders, ends, strict=True) for code in ("asked", end)]
    assert [(each["action"], each["code"]) for each in found] == expected
    assert [order.verb for order in supervisor.orders] == ["start", "stop", "swap", "load", "unload", "trust"]
    assert found[7]["details"] == {"adapter": "desk", "tenant_1": "acme"}


def test_nothing_is_sent_while_the_ledger_cannot_be_written(ringfence: Ringfence) -> None:
    anchor = ringfence.var / "audit.anchor"
    anchor.unlink(missing_ok=True)
    anchor.mkdir()
    with supervising_beside(ringfence.var, script) as supervisor:
        refused = ringfence.try_("engines", "stop", "chat")
    assert refused.exit_code == 1
    assert "anchor" in refused.stderr
    assert supervisor.orders == []


def test_what_is_refused_is_said_with_its_remedy_and_recorded(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, script):
        refused = ringfence.try_("engines", "start", "nobody")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.endswith("There is no engine 'nobody'. Choose one of `ringfence engines list`.\n")
    assert [each["code"] for each in entries(ringfence)] == ["asked", "not_found"]


def test_what_runs_elsewhere_is_not_changed_here(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, script) as supervisor:
        refused = ringfence.try_("engines", "stop", "elsewhere")
    assert refused.exit_code == 1
    assert "elsewhere runs elsewhere" in refused.stderr
    assert supervisor.orders == []


def test_why_tells_crashes_causes_and_last_lines(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, script):
        told = ringfence("engines", "why", "chat")
        found = ringfence.rows("engines", "why", "chat")
    assert told.splitlines() == [
        "chat is serving for 90 s.",
        "Restarts: 2.",
        "",
        "2026-09-21 14:13:20 UTC: exited with 1",
        "  Cause: No GPU memory was left. Lower launch.share.",
        "  Its last lines:",
        "    x",
        "",
        "2026-09-21 14:14:20 UTC: killed by SIGKILL",
        "  It wrote nothing.",
    ]
    assert found["engine"]["engine"] == "chat" and len(found["crashes"]) == 2


def test_logs_are_printed_line_by_line(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, script):
        assert ringfence("engines", "logs", "chat", "-n", "2") == "line 0\nline 1\n"
        assert ringfence("engines", "logs", "chat", "-n", "1", "--json") == '"line 0"\n'
        assert ringfence.try_("engines", "logs", "chat", "-n", "0").exit_code == 2


def test_adapters_are_listed_with_their_tenants(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, script):
        rows = ringfence.rows("engines", "adapters", "list", "chat")
        assert "acme,north" in ringfence("engines", "adapters", "list")
    assert rows == [
        {"engine": "chat", "adapter": "desk", "tenants": ["acme", "north"]},
        {"engine": "chat", "adapter": "sales", "tenants": ["*"]},
    ]


def test_an_adapter_is_for_tenants_that_exist(ringfence: Ringfence, tmp_path: Path) -> None:
    load = ("engines", "adapters", "load", "chat", "desk", str(tmp_path))
    with supervising_beside(ringfence.var, script) as supervisor:
        assert ringfence.try_(*load).exit_code == 2
        mistyped = ringfence.try_(*load, "--tenant", "acmee")
        ringfence(*load, "--tenant", "*")
    assert mistyped.exit_code == 1 and "There is no tenant 'acmee'" in mistyped.stderr
    assert [order.tenants for order in supervisor.orders] == [("*",)]


@pytest.mark.parametrize("order", [("list",), ("start", "chat"), ("logs", "chat"), ("why", "chat"), ("trust", "0")])
def test_where_no_appliance_runs_the_remedy_is_named(ringfence: Ringfence, order: tuple[str, ...]) -> None:
    refused = ringfence.try_("engines", *order)
    assert refused.exit_code == 1
    assert f"{ringfence.var} does not run. Start it with `ringfence serve`" in refused.stderr


def interrupted(ringfence: Ringfence, *arguments: str) -> tuple[int, str]:
    """Ctrl-C after its first line; the exit status and all that it wrote."""
    program = "from api.cli import main; main()"
    command = [sys.executable, "-c", program, "--config", str(ringfence.file), "engines", *arguments]
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env={**os.environ, **NO_MODEL}, **streams) as process:
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    return process.returncode, first + rest


def test_ctrl_c_stops_the_waiting_and_not_the_order(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, lambda _: [Said("loading weights 1%"), 30.0, Done()]) as supervisor:
        status, said = interrupted(ringfence, "swap", "chat")
    assert status == 1
    assert said.startswith("loading weights 1%\nIt goes on without this command: `ringfence engines list`")
    assert "Traceback" not in said
    assert len(supervisor.orders) == 1
    assert [each["code"] for each in entries(ringfence)] == ["asked", "unknown"]


def test_logs_are_followed_until_ctrl_c(ringfence: Ringfence) -> None:
    with supervising_beside(ringfence.var, lambda _: [Said("one"), 30.0, Done()]) as supervisor:
        assert interrupted(ringfence, "logs", "chat", "-f") == (0, "one\n")
    assert supervisor.orders[0].follow
