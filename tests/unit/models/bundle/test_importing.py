"""What one store exports, another has after the import."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from appliance.errors import ModelError
from models import bundle
from models.bundle import Imported, Order, Output
from models.store import Store
from tests.unit.models.bundle.forging import CONFIG, METER, filled, safetensors, tree


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    file = tmp_path / "guide.md"
    file.write_text("# Modems\n")
    return file


def export(store: Store, key: Path, order: Order, part_size: int | None = None) -> tuple[list[Path], Path]:
    """Its files, and its manifest."""
    target = key.with_name(f"{order.name}.bundle")
    done = bundle.export(order, store.blobs, Output(target, key, part_size), METER)
    return [Path(each) for each in done.files], target.with_name(f"{target.name}.manifest.json")


def import_(files: Sequence[Path], key: Path, store: Store) -> Imported:
    with bundle.open_bundle(files, [bundle.read_public(key.with_name("key.pub"))]) as opened:
        bundle.check(opened, store.blobs, METER)
        return bundle.bring(opened, store, METER)


@pytest.mark.parametrize("part_size", [None, 65_536, 10_000_000])
def test_a_bundle_brings_all_that_was_put_in(
    sender: Store, receiver: Store, key: Path, guide: Path, part_size: int | None
) -> None:
    order = Order(name="first", models=(sender.require("tiny"),), attached={"knowledge/guide.md": guide})
    files, _ = export(sender, key, order, part_size)
    done = import_(files, key, receiver)
    assert (receiver.folder("tiny") / "model.safetensors").read_bytes() == safetensors(200_000)
    assert (receiver.folder("tiny") / "config.json").read_bytes() == CONFIG
    assert (Path(done.folder) / "knowledge" / "guide.md").read_text() == "# Modems\n"
    assert (Path(done.folder) / "sbom.cdx.json").is_file()
    assert receiver.require("tiny") == sender.require("tiny")
    assert {finding.state for finding in receiver.verify(receiver.require("tiny"))} == {"ok"}


def test_a_second_import_writes_nothing(sender: Store, receiver: Store, key: Path, tmp_path: Path) -> None:
    files, _ = export(sender, key, Order(name="first", models=(sender.require("tiny"),)))
    import_(files, key, receiver)
    before = tree(tmp_path / "receiver")
    assert import_(files, key, receiver).written == 0
    assert tree(tmp_path / "receiver") == before


def test_an_import_goes_on_where_another_was_killed(sender: Store, receiver: Store, key: Path) -> None:
    files, _ = export(sender, key, Order(name="first", models=(sender.require("tiny"),)))
    import_(files, key, receiver)
    # As a killed process leaves it: one content is there, another half written, nothing else.
    weights, config = (file.sha256 for file in receiver.require("tiny").files)
    receiver.blobs.path(weights).rename(receiver.blobs.folder / f".{weights}.0000")
    (receiver.root / ".store" / "manifests" / "tiny.json").unlink()
    assert receiver.blobs.is_whole(config)
    assert import_(files, key, receiver).written > 200_000
    receiver.clean(METER)
    assert sorted(receiver.blobs.folder.iterdir()) == sorted(map(receiver.blobs.path, receiver.blobs))
    assert receiver.blobs.is_whole(weights)


def test_a_damaged_content_is_mended_by_the_import(sender: Store, receiver: Store, key: Path) -> None:
    files, _ = export(sender, key, Order(name="first", models=(sender.require("tiny"),)))
    import_(files, key, receiver)
    weights = receiver.folder("tiny") / "model.safetensors"
    weights.chmod(0o644)
    weights.write_bytes(weights.read_bytes()[::-1])
    import_(files, key, receiver)
    assert weights.read_bytes() == safetensors(200_000)


def test_a_differential_bundle_carries_what_is_new(
    sender: Store, receiver: Store, key: Path, guide: Path, tmp_path: Path
) -> None:
    first = Order(name="first", models=(sender.require("tiny"),), attached={"knowledge/guide.md": guide})
    old, manifest = export(sender, key, first)
    filled(sender.root, "other", fill=9)
    data = manifest.read_bytes()
    guide.write_text("# Modems, second edition\n")
    second = Order(
        name="second",
        models=(sender.require("tiny"), sender.require("other")),
        attached={"knowledge/guide.md": guide},
        base=bundle.decode(data),
        base_id=bundle.identify(data),
    )
    new, _ = export(sender, key, second)
    assert new[0].stat().st_size < old[0].stat().st_size * 1.1
    before = tree(tmp_path)
    with pytest.raises(
        ModelError, match=rf"leaves out model\.safetensors.*Import the bundle {bundle.identify(data)[:16]}"
    ):
        import_(new, key, receiver)
    assert tree(tmp_path) == before
    import_(old, key, receiver)
    done = import_(new, key, receiver)
    assert (receiver.folder("other") / "model.safetensors").read_bytes() == safetensors(200_000, 9)
    assert (Path(done.folder) / "knowledge" / "guide.md").read_text() == "# Modems, second edition\n"


def test_what_came_along_stays_until_its_folder_is_deleted(
    sender: Store, receiver: Store, key: Path, guide: Path
) -> None:
    files, _ = export(sender, key, Order(name="first", attached={"knowledge/guide.md": guide}))
    folder = Path(import_(files, key, receiver).folder)
    receiver.clean(METER)
    assert len(list(receiver.blobs)) == 2
    for each in sorted(folder.rglob("*"), reverse=True):
        each.unlink() if each.is_file() else each.rmdir()
    folder.rmdir()
    receiver.clean(METER)
    assert list(receiver.blobs) == []
