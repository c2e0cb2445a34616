"""`ringfence weaviate` with the real server."""

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.weaviate import server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    http, grpc, _ = server.free_node_ports()
    made = tmp_path / "ringfence.toml"
    made.write_text(
        f'[paths]\nvar = "{tmp_path}/var"\n[knowledge.weaviate]\n'
        f'url = "http://127.0.0.1:{http}"\ngrpc = "127.0.0.1:{grpc}"\n'
    )
    return made


def run(file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "api.cli", "--config", str(file), "weaviate", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)


@pytest.mark.usefixtures("weaviate")  # it is built
def test_it_starts_gets_a_key_and_stops(file: Path):
    var = file.parent / "var" / "weaviate"
    assert run(file, "status").returncode == 1
    try:
        started = run(file, "start")
        assert started.returncode == 0, started.stdout + started.stderr
        assert "answers at" in started.stdout
        assert run(file, "status").returncode == 0
        assert "runs already" in run(file, "start").stdout
        assert run(file, "start", "--foreground").returncode == 1
        assert run(file, "setup").returncode == 0
        first = (var / "index.key").read_text()
        assert run(file, "setup").returncode == 0
        assert (var / "index.key").read_text() != first
        assert {(var / name).stat().st_mode & 0o777 for name in ("index.key", "root.key")} == {0o600}
    finally:
        stopped = run(file, "stop")
    assert "is stopped" in stopped.stdout
    assert "does not run" in run(file, "stop").stdout


@pytest.mark.usefixtures("weaviate")
def test_one_of_another_machine_is_not_started(file: Path):
    file.write_text('[knowledge.weaviate]\nurl = "http://weaviate.example:8080"\n')
    refused = run(file, "start")
    assert refused.returncode == 2
    assert "not of this machine" in refused.stderr
