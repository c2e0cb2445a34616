"""Pulling from a hub on loopback, as it is and with all that goes wrong."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.errors import ModelError, NotFound
from models.store import Store
from models.store.folder import Folder
from models.store.hub import Hub
from models.store.web import Web
from tests.integration.models.hub_server import COMMIT, REPOSITORY, HubState, safetensors, serving

WEIGHTS = safetensors(3_000_000)
CONFIG = b'{"architectures": ["LlamaForCausalLM"]}'
FILES = {
    "model.safetensors": WEIGHTS,
    "config.json": CONFIG,
    "1_Pooling/config.json": b"{}",
    "LICENSE": b"Do what you like.",
    "pytorch_model.bin": b"\x80\x02}q\x00.",
    ".gitattributes": b"*.safetensors filter=lfs",
}
TAKEN = ["1_Pooling/config.json", "LICENSE", "config.json", "model.safetensors"]


class SilentMeter:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.total = self.done = 0

    def say(self, text: str) -> None:
        self.said.append(text)

    def begin(self, total: int) -> None:
        self.total = total

    def advance(self, done: int) -> None:
        self.done += done


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubState]:
    folder = tmp_path / "hub"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    with serving(HubState(folder)) as state:
        yield state


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


@pytest.fixture
def meter() -> SilentMeter:
    return SilentMeter()


def source(hub: HubState, token: str = "") -> Hub:
    return Hub(Web(token, silence=5.0), hub.url, REPOSITORY)


def content(folder: Path) -> dict[str, bytes]:
    return {
        each.relative_to(folder).as_posix(): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file() and not each.name.endswith("lock")
    }


def test_a_pull_takes_what_engines_need(hub: HubState, store: Store, meter: SilentMeter) -> None:
    found = store.pull("tiny", source(hub), meter)
    assert content(store.folder("tiny")) == {name: FILES[name] for name in TAKEN}
    assert (found.source, found.revision, found.licence) == (REPOSITORY, COMMIT, "apache-2.0")
    assert {file.path: file.sha256 for file in found.files} == {
        name: hashlib.sha256(FILES[name]).hexdigest() for name in TAKEN
    }
    assert meter.total == meter.done == sum(len(FILES[name]) for name in TAKEN)
    assert [finding.state for finding in store.verify(found)] == ["ok"] * len(TAKEN)


def test_a_second_pull_fetches_nothing(hub: HubState, store: Store, meter: SilentMeter) -> None:
    store.pull("tiny", source(hub), meter)
    sent = hub.sent
    store.pull("tiny", source(hub), meter)
    assert hub.sent == sent


def test_files_that_two_models_have_are_there_once(hub: HubState, store: Store, meter: SilentMeter) -> None:
    store.pull("one", source(hub), meter)
    store.pull("two", source(hub), meter)
    one, two = (store.folder(name) / "model.safetensors" for name in ("one", "two"))
    assert one.samefile(two)
    assert len(hub.fetched("model.safetensors")) == 1
    store.remove("one", meter)
    assert not one.parent.exists()
    assert two.read_bytes() == WEIGHTS
    assert store.remove("two", meter).bytes == sum(len(FILES[name]) for name in TAKEN)
    assert list(store.blobs) == []


def test_the_token_goes_to_the_hub_alone(hub: HubState, store: Store, meter: SilentMeter) -> None:
    hub.token = "hub-token"
    store.pull("tiny", source(hub, "hub-token"), meter)
    seen = {(each.origin, each.authorization) for each in hub.asked}
    assert seen == {("hub", "Bearer hub-token"), ("elsewhere", None)}


@pytest.mark.parametrize("token", ["", "of-another-account"])
def test_a_gated_model_says_what_to_do(hub: HubState, store: Store, meter: SilentMeter, token: str) -> None:
    hub.token = "hub-token"
    with pytest.raises(ModelError, match=r"is gated.*accept the licence.*models\.token_file") as refused:
        store.pull("tiny", source(hub, token), meter)
    assert not token or token not in refused.value.message
    assert not store.folder("tiny").exists()


def test_a_repository_that_is_not_shown(hub: HubState, store: Store, meter: SilentMeter) -> None:
    hub.token, hub.error_code = "hub-token", "RepoNotFound"
    with pytest.raises(ModelError, match="does not exist, or it is private"):
        store.pull("tiny", source(hub), meter)
    hub.token = None
    with pytest.raises(NotFound, match="has no acme/other at revision main"):
        store.pull("tiny", Hub(Web(), hub.url, "acme/other"), meter)


def test_a_mirror_that_lists_names_alone_is_asked_for_each(hub: HubState, store: Store, meter: SilentMeter) -> None:
    hub.with_blobs = False
    store.pull("tiny", source(hub), meter)
    assert content(store.folder("tiny")) == {name: FILES[name] for name in TAKEN}
    assert {each.origin for each in hub.asked if each.method == "HEAD"} == {"hub"}


def test_a_mirror_without_ranges_serves_too(hub: HubState, store: Store, meter: SilentMeter) -> None:
    hub.with_ranges = False
    hub.cut = [1_000_000]
    store.pull("tiny", source(hub), meter)
    assert (store.folder("tiny") / "model.safetensors").read_bytes() == WEIGHTS


def test_a_mirror_without_ranges_does_not_send_a_large_file_again_and_again(
    hub: HubState, store: Store, meter: SilentMeter, monkeypatch
) -> None:
    monkeypatch.setattr("models.store.hub.MOST_SKIPPED", 500_000)
    hub.with_ranges = False
    hub.cut = [600_000] * 20
    with pytest.raises(ModelError, match="serves no ranges"):
        store.pull("tiny", source(hub), meter)


def test_connections_that_are_cut_go_on_where_they_were(hub: HubState, store: Store, meter: SilentMeter) -> None:
    hub.small = ()
    hub.cut = [700_000] * 9
    store.pull("tiny", source(hub), meter)
    assert (store.folder("tiny") / "model.safetensors").read_bytes() == WEIGHTS
    starts = [int(each.range.partition("=")[2].partition("-")[0]) for each in hub.fetched("model.safetensors")]
    assert len(starts) > 4
    assert starts == sorted(set(starts))


def test_a_busy_hub_is_given_the_time_it_asks_for(hub: HubState, store: Store, meter: SilentMeter) -> None:
    hub.refuse = [(429, {"retry-after": "1"}), (503, {}), (500, {})]
    store.pull("tiny", source(hub), meter)
    assert any("answers 429" in text and "Going on in 1.0 s" in text for text in meter.said)
    assert (store.folder("tiny") / "model.safetensors").read_bytes() == WEIGHTS


def test_a_hub_that_is_gone_is_told_with_a_remedy(store: Store, meter: SilentMeter, monkeypatch) -> None:
    monkeypatch.setattr("models.store.fetch.SHORTEST_WAIT", 0.001)
    gone = Hub(Web(), "http://127.0.0.1:9", REPOSITORY)
    with pytest.raises(ModelError, match=r"127\.0\.0\.1 cannot be read: Connection refused.*pull again"):
        store.pull("tiny", gone, meter)


def test_what_comes_damaged_is_thrown_away(hub: HubState, store: Store, meter: SilentMeter) -> None:
    hub.corrupt = {"model.safetensors"}
    with pytest.raises(ModelError, match=r"model\.safetensors came damaged"):
        store.pull("tiny", source(hub), meter)
    assert not store.folder("tiny").exists()
    hub.corrupt = set()
    store.pull("tiny", source(hub), meter)
    assert (store.folder("tiny") / "model.safetensors").read_bytes() == WEIGHTS


def test_pickle_under_the_name_of_safetensors_is_refused(hub: HubState, store: Store, meter: SilentMeter) -> None:
    (hub.folder / "model.safetensors").write_bytes(b"\x80\x04\x95" + b"cos\nsystem\n" * 100)
    with pytest.raises(ModelError, match=r"model\.safetensors was refused.*pickle"):
        store.pull("tiny", source(hub), meter)
    assert not store.folder("tiny").exists()


def test_a_repository_of_pickle_alone_is_refused(hub: HubState, store: Store, meter: SilentMeter) -> None:
    (hub.folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"no weights but pytorch_model\.bin.*pickle.*safetensors or GGUF"):
        store.pull("tiny", source(hub), meter)
    assert hub.sent == 0


def test_a_listing_that_leads_out_of_the_store_is_refused(hub: HubState, store: Store, meter: SilentMeter) -> None:
    hub.extra = [{"rfilename": "x/../../../evil.json", "size": 2, "blobId": "0" * 40}]
    with pytest.raises(ModelError, match="leads out of its folder"):
        store.pull("tiny", source(hub), meter)
    assert hub.sent == 0


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    hub: HubState, store: Store, meter: SilentMeter
) -> None:
    lfs = {"sha256": "0" * 64, "size": 1 << 40}
    hub.extra = [{"rfilename": "model-2.safetensors", "size": 1 << 40, "blobId": "0" * 40, "lfs": lfs}]
    with pytest.raises(ModelError, match=r"needs 1.1 TB more in .*free"):
        store.pull("tiny", source(hub), meter)
    assert hub.sent == 0


def test_a_flipped_bit_is_found_named_and_mended(hub: HubState, store: Store, meter: SilentMeter) -> None:
    found = store.pull("tiny", source(hub), meter)
    weights = store.folder("tiny") / "model.safetensors"
    weights.chmod(0o644)
    with weights.open("r+b") as stream:
        stream.seek(1_234_567)
        stream.write(bytes([WEIGHTS[1_234_567] ^ 4]))
    (bad,) = [finding for finding in store.verify(found) if finding.state != "ok"]
    assert (bad.model, bad.file, bad.state) == ("tiny", "model.safetensors", "damaged")
    store.pull("tiny", source(hub), meter)
    assert {finding.state for finding in store.verify(found)} == {"ok"}
    assert len(hub.fetched("model.safetensors")) == 2


def test_a_newer_version_takes_the_place_of_the_old(hub: HubState, store: Store, meter: SilentMeter) -> None:
    store.pull("tiny", source(hub), meter)
    newer = safetensors(1_000_000, fill=7)
    (hub.folder / "model.safetensors").write_bytes(newer)
    (hub.folder / "LICENSE").unlink()
    (hub.folder / "config.json").write_bytes(b'{"new": 1}')
    store.pull("tiny", source(hub), meter)
    assert (store.folder("tiny") / "model.safetensors").read_bytes() == newer
    assert (store.folder("tiny") / "config.json").read_bytes() == b'{"new": 1}'
    assert not (store.folder("tiny") / "LICENSE").exists()
    assert store.clean(meter).bytes >= len(WEIGHTS)
    assert len(list(store.blobs)) == 3


def test_a_folder_is_a_source_too(hub: HubState, store: Store, meter: SilentMeter) -> None:
    found = store.pull("tiny", Folder(hub.folder), meter)
    assert content(store.folder("tiny")) == {name: FILES[name] for name in TAKEN}
    assert found.source == "hub"
    (hub.folder / "config.json").write_bytes(b'{"changed": 1}')
    store.pull("tiny", Folder(hub.folder), meter)
    assert (store.folder("tiny") / "config.json").read_bytes() == b'{"changed": 1}'


def test_only_chooses_among_weights(tmp_path: Path, store: Store, meter: SilentMeter) -> None:
    folder = tmp_path / "gguf"
    folder.mkdir()
    for name in ("m.Q4_K_M.gguf", "m.Q8_0.gguf"):
        (folder / name).write_bytes(b"GGUF" + name.encode())
    found = store.pull("tiny", Folder(folder), meter, only="*Q8_0.gguf")
    assert [file.path for file in found.files] == ["m.Q8_0.gguf"]
    with pytest.raises(ModelError, match=r"No file matches .*m\.Q4_K_M\.gguf"):
        store.pull("tiny", Folder(folder), meter, only="*Q5*")


def test_a_damaged_manifest_is_named(hub: HubState, store: Store, meter: SilentMeter) -> None:
    store.pull("tiny", source(hub), meter)
    file = store.root / ".store" / "manifests" / "tiny.json"
    changed = json.loads(file.read_text())
    changed["files"][0]["path"] = "../../elsewhere.json"
    file.write_text(json.dumps(changed))
    with pytest.raises(ModelError, match=r"tiny\.json is damaged"):
        store.list()
    os.truncate(file, 10)
    with pytest.raises(ModelError, match=r"tiny\.json is damaged"):
        store.find("tiny")
