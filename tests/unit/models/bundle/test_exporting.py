import json
import tarfile
from pathlib import Path

import pytest

from appliance.errors import InvalidRequest, ModelError
from models import bundle
from models.bundle import Order, Output
from models.bundle.parts import HEAD
from models.store import Store
from tests.unit.models.bundle.forging import METER


def order(store: Store, **more) -> Order:  # type: ignore[no-untyped-def]
    return Order(name="first", models=(store.require("tiny"),), **more)


def test_a_bundle_is_a_tar_archive_that_others_can_read(sender: Store, key: Path, tmp_path: Path) -> None:
    bundle.export(order(sender), sender.blobs, Output(tmp_path / "x.bundle", key), METER)
    with tarfile.open(tmp_path / "x.bundle", "r:") as archive:
        names = archive.getnames()
        weights = sender.require("tiny").files[0]
        member = archive.extractfile(f"blobs/{weights.sha256}")
        assert member is not None
        assert member.read() == (sender.folder("tiny") / weights.path).read_bytes()
    assert names[:2] == ["manifest.json", "manifest.sig"]


def test_parts_without_their_heads_are_that_archive(sender: Store, key: Path, tmp_path: Path) -> None:
    bundle.export(order(sender), sender.blobs, Output(tmp_path / "x.bundle", key), METER)
    parts = bundle.export(order(sender), sender.blobs, Output(tmp_path / "y.bundle", key, 65_536), METER).files
    assert b"".join(Path(each).read_bytes()[HEAD:] for each in parts) == (tmp_path / "x.bundle").read_bytes()
    assert {Path(each).stat().st_size for each in parts[:-1]} == {65_536}


def test_the_bill_of_materials_names_everything(sender: Store, key: Path, tmp_path: Path) -> None:
    wheel, images = tmp_path / "ring_fence-0.1.0-py3-none-any.whl", tmp_path / "images.txt"
    wheel.write_bytes(b"PK\x03\x04")
    images.write_text(f"# ours\nregistry.example/vllm@sha256:{'a' * 64}\n\nregistry.example/db:18 # with a tag\n")
    attached = {f"packages/{wheel.name}": wheel, "images/images.txt": images}
    bundle.export(order(sender, attached=attached), sender.blobs, Output(tmp_path / "x.bundle", key), METER)
    contents = bundle.decode((tmp_path / "x.bundle.manifest.json").read_bytes())
    bill = next(file for file in contents.files if file.path == bundle.SBOM)
    with tarfile.open(tmp_path / "x.bundle", "r:") as archive:
        member = archive.extractfile(f"blobs/{bill.sha256}")
        assert member is not None
        document = json.load(member)
    found = {(each["type"], each["name"]): each for each in document["components"]}
    assert set(found) == {
        ("machine-learning-model", "tiny"),
        ("library", "ring-fence"),
        ("file", "images/images.txt"),
        ("container", "registry.example/vllm"),
        ("container", "registry.example/db:18"),
    }
    model = found["machine-learning-model", "tiny"]
    assert model["licenses"] == [{"license": {"name": "MIT"}}]
    assert {each["name"]: each["hashes"][0]["content"] for each in model["components"]} == {
        file.path: file.sha256 for file in sender.require("tiny").files
    }
    assert found["library", "ring-fence"]["purl"] == "pkg:pypi/ring-fence@0.1.0"
    assert found["container", "registry.example/vllm"]["hashes"][0]["content"] == "a" * 64
    assert len({each["bom-ref"] for each in document["components"]}) == len(document["components"])


def test_a_damaged_model_is_not_exported(sender: Store, key: Path, tmp_path: Path) -> None:
    weights = sender.folder("tiny") / "model.safetensors"
    weights.chmod(0o644)
    weights.write_bytes(weights.read_bytes()[::-1])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ModelError, match=r"is not what it was.*models verify"):
        bundle.export(order(sender), sender.blobs, Output(tmp_path / "x.bundle", key), METER)
    assert sorted(tmp_path.iterdir()) == before


def test_pickle_is_not_exported(sender: Store, key: Path, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"\x80\x04\x95")
    with pytest.raises(ModelError, match="pickle"):
        bundle.export(
            order(sender, attached={"knowledge/notes.txt": file}), sender.blobs, Output(tmp_path / "x", key), METER
        )


@pytest.mark.parametrize("part_size", [0, 512, 65_535])
def test_parts_that_are_too_small_are_refused(sender: Store, key: Path, tmp_path: Path, part_size: int) -> None:
    with pytest.raises(InvalidRequest, match="Take at least 65536"):
        bundle.export(order(sender), sender.blobs, Output(tmp_path / "x", key, part_size), METER)


def test_a_key_that_others_can_read_is_refused(sender: Store, key: Path, tmp_path: Path) -> None:
    key.chmod(0o644)
    with pytest.raises(InvalidRequest, match="chmod 600"):
        bundle.export(order(sender), sender.blobs, Output(tmp_path / "x", key), METER)
