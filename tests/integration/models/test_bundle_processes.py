"""Imports in processes of their own: killed, and how much memory they take."""

import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models import bundle
from models.bundle import Order, Output
from models.store import Store
from models.store.folder import Folder
from tests.integration.models.hub_server import safetensors_head
from tests.integration.models.test_store import SilentMeter

SHARDS, SHARD = 4, 48 << 20
KILLS = 6
RESIDENT = 100 << 20


@pytest.fixture
def packed(tmp_path: Path) -> list[str]:
    """A bundle of some 200 MB, in parts."""
    folder = tmp_path / "model"
    folder.mkdir()
    for index in range(SHARDS):
        with (folder / f"model-{index}.safetensors").open("wb") as stream:
            stream.write(safetensors_head(SHARD) + bytes([index]))
            stream.truncate(stream.tell() + SHARD - 1)
    store = Store(tmp_path / "sender" / "models")
    found = store.pull("tiny", Folder(folder), SilentMeter())
    bundle.make_key(tmp_path / "key")
    output = Output(tmp_path / "x.bundle", tmp_path / "key", part_size=64 << 20)
    return list(bundle.export(Order(name="x", models=(found,)), store.blobs, output, SilentMeter()).files)


def start(tmp_path: Path, packed: list[str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.integration.models.importer", str(tmp_path / "receiver" / "models")]
    return subprocess.Popen(
        [*command, str(tmp_path / "key.pub"), *packed], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_an_import_that_is_killed_goes_on_and_takes_little_memory(tmp_path: Path, packed: list[str]) -> None:
    chance = random.Random(6)
    killed = 0
    for _ in range(KILLS):
        process = start(tmp_path, packed)
        assert process.stdout is not None
        # Once for checking, once for writing.
        for _ in range(2):
            process.stdout.readline()
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.communicate()
        killed += process.returncode == -9
    assert killed
    store = Store(tmp_path / "receiver" / "models")
    out, err = start(tmp_path, packed).communicate(timeout=100)
    resident = re.search(r"resident (\d+)", out)
    assert resident is not None, err
    assert int(resident[1]) <= RESIDENT
    assert [finding.state for finding in store.verify(store.require("tiny"))] == ["ok"] * SHARDS
    for index in range(SHARDS):
        name = f"model-{index}.safetensors"
        assert (store.folder("tiny") / name).read_bytes() == (tmp_path / "model" / name).read_bytes()
