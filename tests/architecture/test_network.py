"""Nothing phones home on import: it is tried, not read. (tests/unit/conftest.py denies unit tests the network.)"""

import subprocess
import sys

import pytest

from tests.architecture.source import PACKAGES, ROOT, product

# The interpreter itself reports every socket and every child process to this hook.
DENY = """
import sys
def deny(event, arguments):
    family, _, name = event.partition(".")
    is_process = family == "os" and name in ("system", "exec", "posix_spawn", "fork")
    if family in ("socket", "subprocess") or is_process:
        raise PermissionError("denied on import: " + event)
sys.addaudithook(deny)
"""
SCRIPTS = {"appliance.migrations.env"}  # Alembic executes it; nothing imports it


def alone(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", DENY + code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def modules() -> list[str]:
    names = [each.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for each in product()]
    return [name for name in names if name not in SCRIPTS and not name.endswith("__main__")]


def test_importing_everything_opens_no_socket_and_starts_no_process():
    code = "from importlib import import_module\n" + "".join(f"import_module({name!r})\n" for name in modules())
    run = alone(code)
    assert run.returncode == 0, run.stderr[-2000:]


def test_every_package_is_among_them():
    assert {name.partition(".")[0] for name in modules()} == set(PACKAGES)


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
    ],
)
def test_the_denial_works(code):
    run = alone(code)
    assert run.returncode == 1
    assert "denied on import" in run.stderr


def test_a_default_import_loads_no_torch_and_no_transformers():
    code = "import sys\nfrom importlib import import_module\n"
    code += "".join(f"import_module({name!r})\n" for name in modules())
    run = alone(code + "print(*sorted({name.partition('.')[0] for name in sys.modules}))")
    assert run.returncode == 0, run.stderr[-2000:]
    assert not {"torch", "transformers", "vllm", "tensorflow"} & set(run.stdout.split())
