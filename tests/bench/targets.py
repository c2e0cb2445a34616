"""What is measured: how each is started, and where it answers."""

import secrets
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.bench.load import Door
from tests.bench.processes import with_environment
from tests.bench.provision import BenchError, find_litellm

CHAT = "/v1/chat/completions"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Target:
    """A gateway to start in front of the mock; with no argv, the mock itself."""

    name: str
    door: Door
    argv: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        return with_environment(self.argv, self.environment)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def direct(mock: str, scratch: Path) -> Target:
    return Target("direct", Door(mock + CHAT, JSON))


def passthrough(mock: str, scratch: Path) -> Target:
    port = free_port()
    argv = (sys.executable, "-m", "tests.bench.passthrough", "--upstream", mock, "--port", str(port))
    return Target("passthrough", Door(f"http://127.0.0.1:{port}{CHAT}", JSON), argv)


LITELLM_CONFIG = """\
model_list:
  - model_name: mock-model
    litellm_params:
      model: openai/mock-model
      api_base: {mock}/v1
      api_key: none
litellm_settings:
  telemetry: false
  num_retries: 0
general_settings:
  master_key: {key}
"""


def litellm(mock: str, scratch: Path) -> Target:
    """LiteLLM as its manual advises for production, with less to do: a master key, no database, no logs."""
    port, key = free_port(), f"sk-{secrets.token_hex(16)}"
    config = scratch / "litellm.yaml"
    config.write_text(LITELLM_CONFIG.format(mock=mock, key=key))
    where = ("--host", "127.0.0.1", "--port", str(port), "--num_workers", "1")
    return Target(
        "litellm",
        _keyed(port, key),
        (str(find_litellm()), "--config", str(config), *where),
        {
            "LITELLM_LOG": "ERROR",
            "LITELLM_MODE": "PRODUCTION",
            # Else it fetches a price list from the network at each start.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        },
    )


RINGFENCE_CONFIG = """\
[server]
host = "127.0.0.1"
port = {port}
workers = 1

[paths]
var = "{var}"

[[engines]]
name = "mock"
kind = "vllm"
urls = ["{mock}"]
models = ["mock-model"]

[limits.prices.mock-model]
prompt = 200
completion = 600
"""
# Never reached, but counted on every request.
RINGFENCE_BOUNDS = """
[limits.{subject}]
requests_per_minute = 1_000_000_000
tokens_per_minute = 1_000_000_000_000
concurrent = 1_000_000
money_per_day = 1_000_000_000_000
money_per_month = 1_000_000_000_000
"""


def ringfence(mock: str, scratch: Path, name: str = "ringfence", privacy: str = "") -> Target:
    """The product with everything on: authentication, limits of tenant, user and key, privacy, audit, metrics."""
    port, var, config = free_port(), scratch / f"{name}-var", scratch / f"{name}.toml"
    bounds = (RINGFENCE_BOUNDS.format(subject=subject) for subject in ("tenant", "user", "key"))
    config.write_text(RINGFENCE_CONFIG.format(port=port, var=var, mock=mock) + "".join(bounds) + privacy)
    command = (str(Path(sys.executable).with_name("ringfence")), "--config", str(config))
    made = subprocess.run([*command, "init"], stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    if made.returncode != 0:
        raise BenchError("`ringfence init` failed. Mend that first, or leave ringfence out of --targets.")
    key = (var / "admin.key").read_text().strip()
    return Target(name, _keyed(port, key), (*command, "serve"))


def _keyed(port: int, key: str) -> Door:
    return Door(f"http://127.0.0.1:{port}{CHAT}", JSON | {"Authorization": f"Bearer {key}"})


BUILDERS: dict[str, Callable[[str, Path], Target]] = {
    "direct": direct,
    "passthrough": passthrough,
    "litellm": litellm,
    "ringfence": ringfence,
    "patterns": partial(ringfence, name="patterns", privacy='[privacy]\nnames = "off"\n'),
    "pass": partial(ringfence, name="pass", privacy='[privacy.policy]\nmode = "pass"\n'),
}
PEERS = ("direct", "passthrough", "litellm", "ringfence")
