import hashlib
from pathlib import Path

from models.store.blobs import Blobs

CONTENT = b"content"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def published(folder: Path) -> Blobs:
    blobs = Blobs(folder / "blobs")
    (folder / "new").write_bytes(CONTENT)
    blobs.publish(folder / "new", DIGEST)
    return blobs


def test_what_is_published_is_read_only_and_whole(tmp_path: Path):
    blobs = published(tmp_path)
    assert blobs.path(DIGEST).stat().st_mode & 0o777 == 0o444
    assert (blobs.has(DIGEST, len(CONTENT)), blobs.has(DIGEST, 1), blobs.has("0" * 64, 1)) == (True, False, False)
    assert blobs.is_whole(DIGEST)
    assert list(blobs) == [DIGEST]


def test_shown_files_are_the_same_bytes_on_disk(tmp_path: Path):
    blobs = published(tmp_path)
    target = tmp_path / "deep" / "name"
    for _ in range(2):
        blobs.show(DIGEST, target)
        assert target.samefile(blobs.path(DIGEST))
        assert [each.name for each in target.parent.iterdir()] == ["name"]


def test_another_file_in_the_way_is_replaced(tmp_path: Path):
    blobs = published(tmp_path)
    (tmp_path / "name").write_bytes(b"old")
    blobs.show(DIGEST, tmp_path / "name")
    assert (tmp_path / "name").read_bytes() == CONTENT


def test_removing_says_what_it_freed(tmp_path: Path):
    blobs = published(tmp_path)
    assert blobs.remove([DIGEST, "0" * 64]) == len(CONTENT)
    assert list(blobs) == []
