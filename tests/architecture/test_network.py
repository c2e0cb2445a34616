"""Nothing phones home on import, and unit tests have no network. Both are tried, not read."""

import shutil
import subprocess
import sys
from pathlib import Path

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
    code = "from importlib import import_module\n" + "".join(
        f"import_module({name!r})\n" for name in modules()
    )
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


SOCKET_TESTS = """
import asyncio, socket
import pytest

@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_network(family):
    socket.socket(family)

def test_default_family():
    socket.socket()

async def test_connection():
    await asyncio.open_connection("127.0.0.1", 9)

def test_none():
    a, b = socket.socketpair()
    a.close(), b.close()
"""


def test_unit_tests_are_denied_the_network(tmp_path: Path):
    """The guard of tests/unit, tried on tests that open sockets."""
    shutil.copy(ROOT / "tests/unit/conftest.py", tmp_path)
    (tmp_path / "test_sockets.py").write_text(SOCKET_TESTS)
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "asyncio_mode=auto",
        "-W",
        "ignore",
        "--rootdir",
        str(tmp_path),
    ]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "4 failed, 1 passed" in run.stdout, run.stdout[-2000:]
    assert run.stdout.count("\nE   ") >= 4
    assert "NetworkDenied" in run.stdout
