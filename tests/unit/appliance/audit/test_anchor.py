import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.audit.anchor import Anchor
from appliance.audit.chain import GENESIS, Head
from appliance.errors import StorageError

KEY = b"k" * 32


def head(writer: str, sequence: int, tenant: str = "acme") -> Head:
    return Head(tenant, writer, sequence, bytes([sequence % 256]) * 32)


@pytest.fixture
def anchor(tmp_path: Path) -> Anchor:
    return Anchor(tmp_path / "audit.anchor", KEY)


def test_without_a_file_nothing_is_remembered(anchor: Anchor):
    assert anchor.read() == {}


def test_the_newest_end_is_remembered(anchor: Anchor):
    anchor.advance([head("w", 1), head("v", 5)], [])
    anchor.advance([head("w", 2)], [])
    assert anchor.read() == {("acme", "w"): head("w", 2), ("acme", "v"): head("v", 5)}


def test_the_file_is_its_owners_only(anchor: Anchor):
    anchor.advance([head("w", 1)], [])
    assert stat.S_IMODE(anchor.file.stat().st_mode) == 0o600


def test_an_announced_chain_learns_the_other_ends_of_its_tenant(anchor: Anchor):
    anchor.advance([head("v", 5), head("v", 9, tenant="other")], [])
    assert anchor.announce(["acme"], "w") == [head("v", 5)]
    assert anchor.read()["acme", "w"] == Head("acme", "w", 0, GENESIS)


def test_announcing_again_forgets_nothing(anchor: Anchor):
    anchor.advance([head("w", 3)], [])
    anchor.announce(["acme"], "w")
    assert anchor.read()["acme", "w"] == head("w", 3)


def test_ends_that_a_block_names_are_forgotten_unless_they_grew(anchor: Anchor):
    anchor.advance([head("u", 4), head("v", 6)], [])
    anchor.advance([head("w", 1)], [head("u", 4), head("v", 5), head("gone", 1)])
    assert set(anchor.read()) == {("acme", "v"), ("acme", "w")}


def test_writers_at_once_lose_nothing(anchor: Anchor):
    def write(writer: str) -> None:
        for sequence in range(1, 11):
            Anchor(anchor.file, KEY).advance([head(writer, sequence)], [])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    assert anchor.read() == {("acme", writer): head(writer, 10) for writer in "abcd"}


@pytest.mark.parametrize("at", [0, 20, 60, -3])
def test_a_changed_file_is_refused_and_kept(anchor: Anchor, at: int):
    anchor.advance([head("w", 1)], [])
    content = bytearray(anchor.file.read_bytes())
    content[at] ^= 1
    anchor.file.write_bytes(content)
    with pytest.raises(StorageError, match="audit verify"):
        anchor.read()
    with pytest.raises(StorageError):
        anchor.advance([head("w", 2)], [])
    assert anchor.file.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"heads":[],"mac":"AAAA"}', b"\xff"])
def test_a_file_of_another_shape_is_refused(anchor: Anchor, content: bytes):
    anchor.file.write_bytes(content)
    with pytest.raises(StorageError) as caught:
        anchor.read()
    assert caught.value.code == "audit_anchor_damaged"


def test_a_file_of_another_key_is_refused(anchor: Anchor):
    anchor.advance([head("w", 1)], [])
    with pytest.raises(StorageError):
        Anchor(anchor.file, b"another").read()


def test_a_folder_that_is_missing_is_said(tmp_path: Path):
    with pytest.raises(StorageError) as caught:
        Anchor(tmp_path / "missing" / "audit.anchor", KEY).advance([head("w", 1)], [])
    assert caught.value.code == "audit_anchor_unusable"


def test_the_file_stays_small_over_many_runs(anchor: Anchor):
    for run in range(50):
        named = anchor.announce(["acme"], f"w{run}")
        anchor.advance([head(f"w{run}", 1)], named)
    assert set(anchor.read()) == {("acme", "w49")}
