"""`ringfence ingest`, `collections` and `search`, with everything real under them."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.settings import WeaviateSettings
from inference.minilm import NAME
from ingest.weaviate.index import WeaviateIndex
from models.spec import find
from tests.integration.api.cli.commands import Ringfence
from tests.peers.weaviate import Weaviate

MAIL = "jane.roe@customer.example"


@pytest.fixture
def settings() -> str:
    """Passages in files of this machine, as by default."""
    return ""


@pytest.fixture
def on_weaviate(weaviate: Weaviate) -> Iterator[str]:
    given = weaviate.index
    yield f"""
[knowledge]
index = "weaviate"
weaviate = {{ url = "{given.url}", grpc = "{given.grpc}", key = "{given.key}" }}
"""
    asyncio.run(empty(given))


async def empty(weaviate: WeaviateSettings) -> None:
    """For the tests that share it."""
    index = WeaviateIndex(weaviate)
    for tenant in await index.tenants():
        await index.drop(tenant)
    await index.close()


@pytest.fixture
def ringfence(tmp_path: Path, minilm_weights: Path, settings: str) -> Ringfence:
    made = Ringfence(tmp_path, settings)
    weights = find(NAME).path(made.var)
    weights.parent.mkdir(parents=True)
    shutil.copy(minilm_weights, weights)
    made("init")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    (made / "deep").mkdir(parents=True)
    (made / "router.md").write_text("# Router\n\nHold the reset button for ten seconds.\n")
    (made / "deep" / "wifi.csv").write_text("device,password stands\nrouter,under the device\nrepeater,on the back\n")
    (made / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (made / ".hidden.md").write_text("# Hidden\n\nNobody reads this.\n")
    return made


def found(ringfence: Ringfence, *words: str) -> list[Any]:
    return ringfence.rows("search", *words)


class TestOnWeaviate:
    @pytest.fixture
    def settings(self, on_weaviate: str) -> str:
        return on_weaviate

    def test_a_folder_is_taken_in_found_changed_and_taken_out(self, ringfence: Ringfence, folder: Path) -> None:
        test_a_folder_is_taken_in_found_changed_and_taken_out(ringfence, folder)


def test_a_folder_is_taken_in_found_changed_and_taken_out(ringfence: Ringfence, folder: Path) -> None:
    first = ringfence.try_("ingest", str(folder))
    assert first.exit_code == 1  # for the one that is broken
    assert "2 new, 0 changed, 0 removed, 0 unchanged, 1 failed" in first.stdout
    assert "broken.pdf: The PDF is damaged" in first.stderr
    (failed,) = ringfence.rows("ingest", "status", "--failed")
    assert (Path(failed["path"]).name, failed["code"]) == ("broken.pdf", "damaged")
    (best, *_) = found(ringfence, "how do I reset my router")
    assert Path(best["path"]).name == "router.md"
    assert "ten seconds" in best["text"]
    assert "router.md, row 1" in ringfence("search", "reset the router", "--limit", "1")

    (folder / "broken.pdf").unlink()
    (folder / "router.md").write_text("# Router\n\nHold the reset button for thirty seconds.\n")
    told = ringfence.rows("ingest", "add", str(folder))
    states = {name: told[name] for name in ("new", "changed", "unchanged", "removed", "failed")}
    assert states == {"new": 0, "changed": 1, "unchanged": 1, "removed": 1, "failed": 0}
    assert "thirty" in found(ringfence, "reset the router")[0]["text"]

    (row,) = ringfence.rows("ingest", "status")
    assert (row["name"], row["files"], row["failed"], row["documents"]) == ("documents", 2, 0, 2)
    assert "1 removed" in ringfence("ingest", "remove", str(folder / "deep"))
    (row,) = ringfence.rows("collections", "list")
    assert (row["files"], row["documents"]) == (1, 1)
    ringfence("collections", "remove", "documents", "--yes")
    assert ringfence.rows("collections", "list") == []
    assert "Nothing was found." in ringfence("search", "reset the router")


def test_collections_keep_what_they_may(ringfence: Ringfence, folder: Path) -> None:
    (folder / "letter.md").write_text(f"# Letter\n\nWrite to {MAIL} about the cabinet.\n")
    ringfence("collections", "create", "letters", "--privacy", "scrubbed")
    ringfence("collections", "create", "staff", "--access", "group:staff", "--language", "en")
    letter = str(folder / "letter.md")
    for name in ("letters", "staff"):
        ringfence("ingest", letter, "--collection", name)
    (scrubbed,) = found(ringfence, f"what did {MAIL} write", "--collection", "letters")
    assert MAIL not in json.dumps(scrubbed)
    assert scrubbed["keyword"] > 0  # the question's own placeholder
    (kept,) = found(ringfence, "who is to be written to")  # also what only the staff may read
    assert MAIL in kept["text"]


@pytest.mark.parametrize("removal", ["file", "collection"])
def test_what_is_taken_out_leaves_no_trace(ringfence: Ringfence, folder: Path, removal: str) -> None:
    marked = folder / "zanzibar-letter.md"
    marked.write_text("# Zanzibar\n\nThe cabinet of zanzibar burns.\n")
    (folder / "broken.pdf").unlink()
    ringfence("ingest", str(folder))
    assert traces(ringfence, "zanzibar")
    if removal == "file":
        ringfence("ingest", "remove", str(marked))
        assert found(ringfence, "reset the router")
    else:
        ringfence("collections", "remove", "documents", "--yes")
    assert traces(ringfence, "zanzibar") == []


def traces(ringfence: Ringfence, word: str) -> list[str]:
    """Files of the appliance that hold it."""
    files = [each for each in ringfence.var.rglob("*") if each.is_file() and "models" not in each.parts]
    return [each.name for each in files if word.encode() in each.read_bytes().lower()]


def test_what_is_not_there(ringfence: Ringfence, folder: Path) -> None:
    for arguments, told in (
        (["ingest", str(folder / "nowhere")], "Correct its name"),
        (["ingest", str(folder), "--collection", "nowhere"], "collections create"),
        (["ingest", str(folder), "--tenant", "nowhere"], "tenants list"),
        (["search", "x", "--collection", "nowhere"], "collections list"),
        (["collections", "remove", "nowhere", "--yes"], "collections list"),
    ):
        done = ringfence.try_(*arguments)
        assert done.exit_code == 1
        assert told in done.stderr


def test_without_an_embedder_the_remedy_is_told(tmp_path: Path, folder: Path) -> None:
    ringfence = Ringfence(tmp_path)
    ringfence("init")
    done = ringfence.try_("ingest", str(folder))
    assert done.exit_code == 1
    assert f"ringfence models pull {NAME}" in done.stderr
