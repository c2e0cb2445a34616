"""Everything that a bundle may try is refused by name, and nothing is written."""

import bz2
import gzip
import lzma
import pickle
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest

from appliance.errors import ModelError
from models import bundle
from models.bundle import archive
from models.bundle.contents import Contents
from models.bundle.parts import HEAD
from models.store import Manifest, Store
from tests.unit.models.bundle.forging import CONFIG, METER, Forge, file, filled, plain, safetensors, tar, tree

WEIGHTS = safetensors(50_000)
FILES = {"model.safetensors": WEIGHTS, "config.json": CONFIG}


@pytest.fixture
def key(tmp_path: Path) -> Path:
    bundle.make_key(tmp_path / "key")
    return tmp_path / "key"


@pytest.fixture
def forge(key: Path) -> Forge:
    return Forge(key, dict(FILES))


@pytest.fixture
def refused(tmp_path: Path, key: Path) -> Callable[[bytes | Sequence[Path], str], None]:
    """Tries to import; it must be refused for this reason, and nothing written."""

    def attempt(packed: bytes | Sequence[Path], reason: str) -> None:
        files = packed
        if isinstance(packed, bytes):
            files = [tmp_path / "x.bundle"]
            files[0].write_bytes(packed)
        trusted = [bundle.read_public(key.with_name("key.pub"))]
        before = tree(tmp_path)
        with pytest.raises(ModelError, match=reason):
            import_(files, trusted, tmp_path)
        assert tree(tmp_path) == before

    return attempt


def import_(files: Sequence[Path], trusted: list[bundle.PublicKey], folder: Path) -> bundle.Imported:
    store = Store(folder / "receiver" / "models")
    with bundle.open_bundle(files, trusted) as opened:
        bundle.check(opened, store.blobs, METER)
        return bundle.bring(opened, store, METER)


def test_the_forge_makes_right_ones_too(forge: Forge, tmp_path: Path) -> None:
    (tmp_path / "x.bundle").write_bytes(tar(forge.members()))
    trusted = [bundle.read_public(tmp_path / "key.pub")]
    assert import_([tmp_path / "x.bundle"], trusted, tmp_path).models == ("tiny",)
    assert (tmp_path / "receiver" / "models" / "tiny" / "config.json").read_bytes() == CONFIG


def test_a_wrong_signature(forge: Forge, refused) -> None:
    members = forge.members()
    info, signed = members[1]
    members[1] = info, signed[:-1] + bytes([signed[-1] ^ 1])
    refused(tar(members), "The signature is wrong")


def test_a_manifest_that_was_changed_after_it_was_signed(forge: Forge, refused) -> None:
    members = forge.members()
    info, data = members[0]
    members[0] = info, data.replace(b"tiny", b"evil")
    refused(tar(members), "The signature is wrong")


def test_the_wrong_key(forge: Forge, refused, tmp_path: Path) -> None:
    forge.key = tmp_path / "other"
    fingerprint = bundle.make_key(forge.key).fingerprint
    refused(tar(forge.members()), f"signed with the key {fingerprint}, which is not trusted")


def test_nobody_is_trusted_by_default(forge: Forge, tmp_path: Path) -> None:
    (tmp_path / "x.bundle").write_bytes(tar(forge.members()))
    with pytest.raises(ModelError, match="No key is trusted"):
        import_([tmp_path / "x.bundle"], [], tmp_path)


def test_a_digest_that_does_not_match(forge: Forge, refused) -> None:
    packed = bytearray(tar(forge.members()))
    packed[-3000] ^= 1
    refused(bytes(packed), r"model\.safetensors is not what the manifest says")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (tarfile.SYMTYPE, "is a link"),
        (tarfile.LNKTYPE, "is a hard link"),
        (tarfile.CHRTYPE, "is a device"),
        (tarfile.BLKTYPE, "is a device"),
        (tarfile.FIFOTYPE, "is a pipe"),
        (tarfile.DIRTYPE, "is a folder"),
        (tarfile.GNUTYPE_SPARSE, "is a sparse file"),
        (tarfile.XHDTYPE, "is no plain file"),
        (tarfile.GNUTYPE_LONGNAME, "is no plain file"),
    ],
)
@pytest.mark.parametrize("place", [1, 2])
def test_members_that_are_no_files(forge: Forge, refused, kind: bytes, reason: str, place: int) -> None:
    members = forge.members()
    info, _ = members[place]
    info.type, info.linkname = kind, "/etc/passwd"
    refused(tar(members), reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../etc/cron.d/evil", "leads out of its folder"),
        ("/etc/cron.d/evil", "is an absolute path"),
        ("blobs/evil", "too much, twice, or in another order"),
    ],
)
def test_members_of_other_names(forge: Forge, refused, name: str, reason: str) -> None:
    members = forge.members()
    members[2][0].name = name
    refused(tar(members), reason)


def test_a_member_twice(forge: Forge, refused) -> None:
    members = forge.members()
    refused(tar([*members, members[2]]), "holds more than its manifest names")
    refused(tar([*members[:3], members[2]]), "holds more than its manifest names")
    same = forge.contents().carried[0]
    forge.change = lambda found: msgspec.structs.replace(found, carried=(*found.carried, same))
    refused(tar([*forge.members(), members[2]]), "carries a content twice")


def test_members_in_another_order(forge: Forge, refused) -> None:
    first, second, third, fourth = forge.members()
    refused(tar([first, second, fourth, third]), "another order")


def test_an_extra_member(forge: Forge, refused) -> None:
    refused(tar([*forge.members(), plain("extra.txt", b"extra")]), "holds more than its manifest names")


def test_bytes_after_the_end_and_in_the_gaps(forge: Forge, refused) -> None:
    packed = tar(forge.members())
    refused(packed + b"more", "holds more than its manifest names")
    refused(packed[:-4] + b"more", "holds more than its manifest names")
    gap = packed.index(CONFIG) + len(CONFIG)
    refused(packed[:gap] + b"x" + packed[gap + 1 :], "not well-formed after blobs/")


def test_a_header_with_other_rights(forge: Forge, refused) -> None:
    members = forge.members()
    members[2][0].mode = 0o4777
    refused(tar(members), "its size, mode or owner was changed")


@pytest.mark.parametrize("keep", [0, 100, 700, 2500, -1, -512, -2000])
def test_a_truncated_bundle(forge: Forge, refused, keep: int) -> None:
    refused(tar(forge.members())[:keep], "This is no bundle|ends (within|before)|is truncated")


def zstd(data: bytes) -> bytes:
    return b"\x28\xb5\x2f\xfd" + data[:100]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstd])
def test_a_decompression_bomb(forge: Forge, refused, pack: Callable[[bytes], bytes]) -> None:
    refused(pack(tar(forge.members()) + bytes(1 << 20)), "is compressed")


@pytest.mark.parametrize("size", [archive.LARGEST + 1, 1 << 60])
def test_an_oversized_manifest(forge: Forge, refused, size: int) -> None:
    members = forge.members()
    members[0][0].size = size
    refused(tar(members), "manifest is over 16 MiB")


def test_sizes_that_no_disk_has(forge: Forge, refused) -> None:
    def grow(found: Contents) -> Contents:
        (model,) = found.models
        files = tuple(msgspec.structs.replace(each, size=1 << 50) for each in model.files)
        return msgspec.structs.replace(found, models=(msgspec.structs.replace(model, files=files),))

    forge.change = grow
    refused(tar(forge.members()), "is truncated")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../config.json", "leads out of its folder"),
        ("a/../../config.json", "leads out of its folder"),
        ("/etc/config.json", "is absolute"),
        ("a//config.json", "has an empty part"),
        ("./config.json", "has an empty part"),
        ("", "has an empty part"),
        ("a\\config.json", "characters that not every file system takes"),
        ("C:config.json", "characters that not every file system takes"),
        ("config.json\0.txt", "characters that not every file system takes"),
        ("config.json ", "characters that not every file system takes"),
        ("caf\u0065\u0301.json", "normal form NFC"),
        ("a/" * 300 + "config.json", "is too long"),
        ("model.safetensors", "is there twice"),
        ("Model.Safetensors", "on some file systems"),
        ("model.\ufb01le.json", ""),
        ("model.safetensors/config.json", "is itself a file"),
    ],
)
def test_paths_in_a_manifest_that_is_signed(forge: Forge, refused, path: str, reason: str) -> None:
    def add(found: Contents) -> Contents:
        (model,) = found.models
        twins = [file("model.\ufb01le.json", CONFIG), file("model.file.json", CONFIG)]
        added = [file(path, CONFIG)] if reason else twins
        changed = msgspec.structs.replace(model, files=(*model.files, *added))
        return msgspec.structs.replace(found, models=(changed,))

    forge.change = add
    refused(tar(forge.members()), reason or "on some file systems")


@pytest.mark.parametrize("name", ["../evil", ".store", "UPPER", "a/b", "", "x" * 97])
def test_names_of_models_in_a_manifest_that_is_signed(forge: Forge, refused, name: str) -> None:
    def rename(found: Contents) -> Contents:
        return msgspec.structs.replace(found, models=(msgspec.structs.replace(found.models[0], name=name),))

    forge.change = rename
    refused(tar(forge.members()), "is no name of a model|the path")


def test_two_models_of_one_name(forge: Forge, refused) -> None:
    forge.change = lambda found: msgspec.structs.replace(found, models=found.models * 2)
    refused(tar(forge.members()), "is there twice")


def test_files_of_no_known_kind(forge: Forge, refused) -> None:
    forge.attached = {"cron.d/evil": b"* * * * * root"}
    refused(tar(forge.members()), "holds packages, images, migrations, knowledge, and nothing else")


def test_contents_that_are_left_out_without_a_word(forge: Forge, refused) -> None:
    members = forge.members()
    forge.change = lambda found: msgspec.structs.replace(found, carried=found.carried[:1])
    refused(tar([*forge.members()[:2], *members[2:]]), "leaves contents out")


def test_contents_of_a_bundle_that_was_not_imported(forge: Forge, refused) -> None:
    forge.change = lambda found: msgspec.structs.replace(found, carried=found.carried[:1], base="0" * 64)
    refused(tar(forge.members()[:3]), r"leaves out config\.json.*Import the bundle 0000")


def test_contents_that_nobody_needs(forge: Forge, refused) -> None:
    forge.change = lambda found: msgspec.structs.replace(found, carried=(*found.carried, "0" * 64))
    refused(tar(forge.members()), "which no model or file needs")


def test_a_manifest_with_unknown_fields(forge: Forge, refused) -> None:
    forge.alter = lambda data: data.replace(b'"name": "forged"', b'"run": "evil", "name": "forged"')
    refused(tar(forge.members()), "not one that Ringfence writes")


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return print, ("evil",)


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("path", ["model.safetensors", "config.json", "pytorch_model.bin", "tokenizer.model", "m.gguf"])
def test_pickle_inside_a_model(forge: Forge, refused, path: str, protocol: int) -> None:
    forge.files[path] = pickle.dumps(Evil(), protocol)
    refused(tar(forge.members()), r"was refused: (it is in Python's pickle format|its table|it does not begin)")


@pytest.mark.parametrize("path", ["knowledge/evil.pkl", "packages/weights.pt", "knowledge/page.html"])
def test_pickle_beside_models(forge: Forge, refused, path: str) -> None:
    forge.attached = {path: pickle.dumps(Evil(), 4)}
    refused(tar(forge.members()), "it is in Python's pickle format")


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("model-2.safetensors", b"PK\x03\x04" + bytes(100), "its table of tensors"),
        ("model-2.safetensors", safetensors(5000)[:-1], "its tensors do not end where the file does"),
        ("model-2.safetensors", (1 << 62).to_bytes(8, "little") + b"{}", "its table of tensors"),
        ("m.gguf", b"GGML" + bytes(100), "does not begin as GGUF"),
        ("m.onnx", b"PK\x03\x04", "does not begin as ONNX"),
        ("config.json", b"PK\x03\x04" + bytes(100), "is an archive"),
        ("config.json", b"{\0}", "is no text"),
        ("modeling_evil.py", b"import os", "no engine needs"),
        ("run.sh", b"#!/bin/sh", "no engine needs"),
    ],
)
def test_contents_that_are_not_what_their_names_say(forge: Forge, refused, path: str, content: bytes, reason) -> None:
    forge.files[path] = content
    refused(tar(forge.members()), reason)


@pytest.fixture
def parts(tmp_path: Path, key: Path) -> list[Path]:
    store = filled(tmp_path / "sender" / "models")
    order = bundle.Order(name="cut", models=(store.require("tiny"),))
    output = bundle.Output(tmp_path / "x.bundle", key, part_size=70_000)
    return [Path(each) for each in bundle.export(order, store.blobs, output, METER).files]


def test_a_missing_part(parts: list[Path], refused) -> None:
    assert len(parts) == 3
    refused([parts[0], parts[2]], "Part 2 of 3 is missing")
    refused(parts[:2], "Part 3 of 3 is missing")


def test_exchanged_parts(parts: list[Path], refused) -> None:
    one, two = (each.read_bytes() for each in parts[:2])
    parts[0].write_bytes(two)
    parts[1].write_bytes(one)
    refused(parts, "is part 2: parts were exchanged")


def test_exchanged_contents_of_parts(parts: list[Path], refused) -> None:
    one, two = (each.read_bytes() for each in parts[:2])
    parts[0].write_bytes(one[:HEAD] + two[HEAD:])
    parts[1].write_bytes(two[:HEAD] + one[HEAD:])
    refused(parts, "This is no bundle: it does not begin with a manifest")


def test_exchanged_contents_of_later_parts(tmp_path: Path, key: Path, refused) -> None:
    store = filled(tmp_path / "sender" / "models")
    order = bundle.Order(name="cut", models=(store.require("tiny"),))
    exported = bundle.export(order, store.blobs, bundle.Output(tmp_path / "y.bundle", key, 65_536), METER)
    parts = [Path(each) for each in exported.files]
    two, three = (each.read_bytes() for each in parts[1:3])
    assert len(two) == len(three)
    parts[1].write_bytes(two[:HEAD] + three[HEAD:])
    parts[2].write_bytes(three[:HEAD] + two[HEAD:])
    refused(parts, "is not what the manifest says")


def test_a_part_twice_one_too_many_and_one_of_another_bundle(parts: list[Path], refused, tmp_path: Path) -> None:
    again = tmp_path / "again.001"
    again.write_bytes(parts[0].read_bytes())
    refused([*parts, again], "is part 1, as is")
    again.write_bytes(parts[0].read_bytes().replace(b"\nbundle ", b"\nbundle g", 1)[:HEAD] + bytes(10))
    refused([*parts, again], "is damaged")
    other = parts[0].read_bytes()
    again.write_bytes(other[:30] + b"0000" + other[34:])
    refused([again, *parts[1:]], "is a part of another bundle")
    whole = tmp_path / "whole"
    whole.write_bytes(b"x" * 1000)
    refused([*parts, whole], "is no part of a bundle")
    refused([whole, tmp_path / "key"], "is a whole bundle, not a part")


def test_parts_that_all_name_another_bundle(parts: list[Path], refused) -> None:
    for part in parts:
        data = part.read_bytes()
        part.write_bytes(data[:30] + b"0000" + data[34:])
    refused(parts, "The parts are of another bundle than the manifest in them")


def test_a_truncated_part(parts: list[Path], refused) -> None:
    parts[1].write_bytes(parts[1].read_bytes()[:-1])
    refused(parts, "is truncated, or longer")


def test_a_pipe_in_place_of_a_bundle(refused, tmp_path: Path) -> None:
    refused([tmp_path], "is no plain file")


def test_a_manifest_of_the_store_is_no_bundle(refused) -> None:
    refused(msgspec.json.encode(Manifest(name="x", source="", files=())), "This is no bundle")
