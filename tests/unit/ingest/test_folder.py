import os
from pathlib import Path

import pytest

from appliance.errors import InvalidRequest, NotFound
from ingest.folder import Walk, load, shown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    (made / "b").mkdir(parents=True)
    for name in ("c.md", "a.md", "b/d.md"):
        (made / name).write_text(name)
    return made


def names(folder: Path, *paths: Path) -> list[str]:
    return [str(each.file.relative_to(folder)) for each in Walk(paths or [folder]).files()]


def test_files_come_in_order_and_once(folder):
    assert names(folder) == ["a.md", "c.md", "b/d.md"]
    assert names(folder, folder / "c.md", folder, folder / "b") == ["c.md", "a.md", "b/d.md"]


def test_a_path_has_one_name_however_it_is_written(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (found,) = Walk([Path("b/../c.md")]).files()
    assert found.name == str(folder / "c.md")


def test_what_is_hidden_a_link_or_no_file_is_left_out(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    (folder / "link.md").symlink_to(outside / "secret.md")
    (folder / "linked").symlink_to(outside)
    (folder / ".git").mkdir()
    (folder / ".git" / "config.md").write_text("x")
    (folder / ".hidden.md").write_text("x")
    os.mkfifo(folder / "pipe.md")
    assert names(folder) == ["a.md", "c.md", "b/d.md"]


def test_a_link_that_is_named_is_followed(folder, tmp_path):
    link = tmp_path / "current"
    link.symlink_to(folder)
    assert next(each.name for each in Walk([link]).files()) == str(link / "a.md")


def test_what_is_not_there_or_no_file(folder):
    with pytest.raises(NotFound, match="Correct its name"):
        names(folder, folder / "nowhere")
    os.mkfifo(folder / "pipe")
    with pytest.raises(InvalidRequest, match="no file"):
        names(folder, folder / "pipe")


def test_names_in_no_encoding_are_shown(tmp_path):
    assert shown(Path(os.fsdecode(b"/x/caf\xe9.md"))) == "/x/caf\\xe9.md"


def test_gone_is_what_should_have_been_seen(folder):
    walk = Walk([folder])
    seen = {each.name for each in walk.files()}
    held = [f"{folder}/a.md", f"{folder}/old.md", f"{folder}/b/old.md", f"{folder}-other/old.md", "/elsewhere/x.md"]
    assert walk.gone(held, seen) == [f"{folder}/old.md", f"{folder}/b/old.md"]
    walk.unseen.append(f"{folder}/b")
    assert walk.gone(held, seen) == [f"{folder}/old.md"]


def test_an_empty_folder_says_nothing(tmp_path):
    walk = Walk([tmp_path])
    assert list(walk.files()) == []
    assert walk.gone([], set()) == []
    with pytest.raises(InvalidRequest, match="mounted"):
        walk.gone([f"{tmp_path}/a.md"], set())


def test_a_file_is_read_up_to_its_limit(folder):
    data, modified = load(folder / "a.md", 2)
    assert data == b"a.m"
    assert modified.timestamp() == pytest.approx((folder / "a.md").stat().st_mtime)
