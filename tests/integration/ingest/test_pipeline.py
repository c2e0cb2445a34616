"""From files to passages that are found: real readers, the real embedder and index, every database."""

import asyncio
import io
import zipfile
from pathlib import Path

import pytest

from appliance.errors import InvalidRequest, NotFound, Unavailable
from ingest.folder import Walk
from ingest.pipeline import Outcome
from ingest.turn import turn
from tests.integration.ingest.workshop import Workshop

ROUTER = "# Router\n\nHold the reset button for ten seconds.\n"
WIFI = "# Wifi\n\nThe password stands on the label under the device.\n"
LONG = "# Handbook\n\n" + "\n\n".join(
    f"## Chapter {number}\n\nChapter {number} tells of cabinet {number}. " + "It stands in a street. " * 40
    for number in range(12)
)


async def test_what_is_taken_in_is_found(workshop: Workshop) -> None:
    workshop.write("router.md", ROUTER)
    workshop.write("deep/wifi.md", WIFI)
    handbook = await workshop.collection()
    assert await workshop.states(handbook) == {"router.md": "new", "deep/wifi.md": "new"}
    assert workshop.begun == [2]
    (best, *_) = await workshop.found(handbook, "how do I reset my router")
    assert "ten seconds" in best
    assert await workshop.counted(handbook) == (2, 2)


async def test_what_did_not_change_is_not_read_again(workshop: Workshop) -> None:
    workshop.write("router.md", ROUTER)
    handbook = await workshop.collection()
    await workshop.take_in(handbook)
    workshop.embedder.read.clear()
    assert await workshop.states(handbook) == {"router.md": "unchanged"}
    assert (await workshop.take_in(handbook, again=True))["router.md"].state == "changed"
    assert workshop.embedder.read == []
    assert await workshop.counted(handbook) == (1, 1)


async def test_of_what_changed_only_new_passages_are_embedded(workshop: Workshop) -> None:
    workshop.write("handbook.md", LONG)
    handbook = await workshop.collection()
    first = (await workshop.take_in(handbook))["handbook.md"]
    assert first.embedded == first.passages > 12
    workshop.embedder.read.clear()
    workshop.write("handbook.md", LONG.replace("tells of cabinet 7.", "tells of a lighthouse."))
    changed = (await workshop.take_in(handbook))["handbook.md"]
    assert (changed.state, changed.passages, changed.embedded) == ("changed", first.passages, 1)
    (read,) = workshop.embedder.read
    assert "lighthouse" in read
    assert "lighthouse" in (await workshop.found(handbook, "lighthouse"))[0]
    assert not any("cabinet 7." in text for text in await workshop.found(handbook, "cabinet 7", limit=50))


async def test_another_embedder_embeds_all_anew(workshop: Workshop) -> None:
    workshop.write("router.md", ROUTER)
    handbook = await workshop.collection()
    await workshop.take_in(handbook)
    workshop.embedder.read.clear()
    workshop.embedder.name = "another"
    assert await workshop.states(handbook) == {"router.md": "changed"}
    assert len(workshop.embedder.read) == 1


async def test_what_is_gone_from_a_folder_is_gone(workshop: Workshop) -> None:
    router = workshop.write("router.md", ROUTER)
    workshop.write("wifi.md", WIFI)
    elsewhere = workshop.write("elsewhere/prices.md", "# Prices\n\nFibre costs 39.90 euros.\n")
    handbook = await workshop.collection()
    await workshop.take_in(handbook)
    router.unlink()
    elsewhere.unlink()
    states = await workshop.states(handbook)
    assert states == {"router.md": "removed", "elsewhere/prices.md": "removed", "wifi.md": "unchanged"}
    assert await workshop.counted(handbook) == (1, 1)
    assert not any("ten seconds" in text for text in await workshop.found(handbook, "reset button"))


async def test_one_file_says_nothing_of_its_neighbours(workshop: Workshop) -> None:
    router = workshop.write("router.md", ROUTER)
    wifi = workshop.write("wifi.md", WIFI)
    handbook = await workshop.collection()
    await workshop.take_in(handbook)
    router.unlink()
    assert await workshop.states(handbook, wifi) == {"wifi.md": "unchanged"}
    assert await workshop.counted(handbook) == (2, 2)
    with pytest.raises(NotFound, match="ingest remove"):
        await workshop.take_in(handbook, router)
    outcomes: list[Outcome] = []
    await workshop.library.take_out(handbook, Walk([router]), outcomes.append)
    assert [each.state for each in outcomes] == ["removed"]
    assert await workshop.counted(handbook) == (1, 1)


async def test_a_folder_that_is_suddenly_empty_takes_nothing_along(workshop: Workshop) -> None:
    router = workshop.write("router.md", ROUTER)
    handbook = await workshop.collection()
    await workshop.take_in(handbook)
    router.unlink()
    with pytest.raises(InvalidRequest, match="mounted"):
        await workshop.take_in(handbook)
    assert await workshop.counted(handbook) == (1, 1)


async def test_a_file_that_cannot_be_read_stops_no_other(workshop: Workshop) -> None:
    workshop.write("broken.pdf", b"%PDF-1.7 and no more")
    workshop.write("empty.md", "")
    workshop.write("router.md", ROUTER)
    handbook = await workshop.collection()
    outcomes = await workshop.take_in(handbook)
    assert {name: (each.state, each.code) for name, each in outcomes.items()} == {
        "broken.pdf": ("failed", "damaged"),
        "empty.md": ("failed", "empty"),
        "router.md": ("new", ""),
    }
    faults = await workshop.library.files.faults("north")
    assert [(Path(each.path).name, each.code) for each in faults] == [("broken.pdf", "damaged"), ("empty.md", "empty")]
    assert all(each.reason.endswith(".") for each in faults)
    assert await workshop.states(handbook) == {"broken.pdf": "failed", "empty.md": "failed", "router.md": "unchanged"}
    workshop.write("empty.md", WIFI)
    assert (await workshop.states(handbook))["empty.md"] == "changed"
    assert len(await workshop.library.files.faults("north", handbook.id)) == 1


async def test_a_file_that_broke_keeps_what_it_said(workshop: Workshop) -> None:
    workshop.write("router.md", ROUTER)
    handbook = await workshop.collection()
    await workshop.take_in(handbook)
    workshop.write("router.md", b"")
    assert await workshop.states(handbook) == {"router.md": "failed"}
    assert await workshop.counted(handbook) == (1, 1)


async def test_files_in_a_file_are_documents(workshop: Workshop) -> None:
    def archive(**files: str | bytes) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as each:
            for name, text in files.items():
                each.writestr(name.replace("_", "."), text)
        return packed.getvalue()

    workshop.write("all.zip", archive(router_md=ROUTER, wifi_md=WIFI, bad_pdf=b"%PDF-1.7 and no more"))
    handbook = await workshop.collection()
    (taken,) = (await workshop.take_in(handbook)).values()
    assert (taken.state, taken.documents) == ("new", 2)
    assert [(Path(each.path).name, each.code) for each in taken.faults] == [("bad.pdf", "damaged")]
    assert len(await workshop.library.files.faults("north")) == 1
    workshop.write("all.zip", archive(wifi_md=WIFI.replace("label", "sticker")))
    assert await workshop.states(handbook) == {"all.zip": "changed"}
    assert await workshop.counted(handbook) == (1, 1)
    assert "sticker" in (await workshop.found(handbook, "wifi password"))[0]
    assert await workshop.library.files.faults("north") == []


async def test_when_nothing_can_be_embedded_files_wait(workshop: Workshop) -> None:
    workshop.write("router.md", ROUTER)
    handbook = await workshop.collection()
    await workshop.take_in(handbook)
    workshop.write("router.md", ROUTER.replace("ten", "thirty"))
    workshop.embedder.breaks_at = "thirty"
    (failed,) = (await workshop.take_in(handbook)).values()
    assert (failed.state, failed.code) == ("failed", "engine_unavailable")
    assert "ten seconds" in (await workshop.found(handbook, "reset"))[0]
    workshop.embedder.breaks_at = ""
    assert await workshop.states(handbook) == {"router.md": "changed"}
    assert "thirty seconds" in (await workshop.found(handbook, "reset"))[0]


async def test_what_is_personal_is_not_stored_where_it_may_not_be(workshop: Workshop) -> None:
    mail = "jane.roe@customer.example"
    workshop.write(f"{mail}.md", f"# Letter of {mail}\n\nWrite to {mail} about the router.\n")
    scrubbed = await workshop.collection("letters", privacy="scrubbed")
    raw = await workshop.collection("raw")
    await workshop.take_in(scrubbed)
    (best, *_) = await workshop.found(scrubbed, "router")
    assert "<EMAIL_ADDRESS_" in best
    assert all(mail not in each.read_bytes().decode("latin-1") for each in _files(workshop.kept))
    await workshop.take_in(raw)
    assert mail in (await workshop.found(raw, "router"))[0]
    assert any(mail in each.read_bytes().decode("latin-1") for each in _files(workshop.kept))


async def test_tables_are_scrubbed_with_the_header_that_each_passage_repeats(workshop: Workshop) -> None:
    rows = "".join(f"Cabinet {number},admin{number}@customer.example,{number} doors\n" for number in range(60))
    workshop.write("cabinets.csv", f"cabinet,mail,doors\n{rows}")
    scrubbed = await workshop.collection("cabinets", privacy="scrubbed")
    (taken,) = (await workshop.take_in(scrubbed)).values()
    assert taken.passages > 2
    texts = await workshop.found(scrubbed, "cabinet doors", limit=50)
    assert len(texts) == taken.passages
    for text in texts:
        assert "mail" in text.split("\n")[0]
        assert "<EMAIL_ADDRESS_" in text
        assert "@" not in text


async def test_an_archive_of_many_small_files_is_put_in_parts(workshop: Workshop) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(300):
            archive.writestr(f"{number}.md", f"Cabinet {number}.\n")
    workshop.write("all.zip", packed.getvalue())
    handbook = await workshop.collection()
    (taken,) = (await workshop.take_in(handbook)).values()
    assert (taken.state, taken.documents, taken.passages, taken.embedded) == ("new", 300, 300, 300)
    assert await workshop.counted(handbook) == (300, 300)


async def test_a_collection_is_dropped_whole_and_alone(workshop: Workshop) -> None:
    workshop.write("router.md", ROUTER)
    handbook, other = await workshop.collection(), await workshop.collection("other")
    south = await workshop.collection(tenant="south")
    for each in (handbook, other, south):
        await workshop.take_in(each)
    await workshop.library.drop(handbook)
    assert [each.name for each in await workshop.library.collections.list("north")] == ["other"]
    assert await workshop.found(handbook, "reset") == []
    assert await workshop.counted(other) == (1, 1)
    assert await workshop.counted(south) == (1, 1)


async def test_one_change_of_a_tenant_at_a_time(workshop: Workshop) -> None:
    workshop.write("router.md", ROUTER)
    handbook, south = await workshop.collection(), await workshop.collection(tenant="south")
    with turn(workshop.kept, "north"):
        with pytest.raises(Unavailable, match="north"):
            await workshop.take_in(handbook)
        assert await workshop.states(south) == {"router.md": "new"}
    assert await workshop.states(handbook) == {"router.md": "new"}


async def test_who_gives_up_leaves_nothing_half_done(workshop: Workshop) -> None:
    for number in range(40):
        workshop.write(f"{number}.md", f"# Cabinet {number}\n\nCabinet {number} stands in the street.\n")
    handbook = await workshop.collection()
    for _ in range(3):
        taking = asyncio.create_task(workshop.take_in(handbook))
        await asyncio.sleep(0.3)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
    await workshop.take_in(handbook)
    assert await workshop.counted(handbook) == (40, 40)


def _files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]
