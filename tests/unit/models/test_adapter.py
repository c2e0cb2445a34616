import json
import os
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from appliance.errors import ModelError
from models.adapter import CONFIG, DRAFT, WEIGHTS, Room, bring, linear_layers, sweep
from models.shelf import Architecture, shelf
from models.shelf.rows import Build, Model
from tests.peers import lora

ARCH = Architecture(
    kind="decoder", layers=2, hidden=24, intermediate=40, heads=3, kv_heads=1, head_size=8, vocabulary=100, tied=True
)
TINY = Model(
    name="tiny", purpose="chat", about="-", good_for="-", licence="-", context=64, architecture=ARCH,
    builds=(Build(precision="bf16", repository="-", bytes=1),),
)  # fmt: skip
ROOM = Room(TINY, 16)
FIRST = "base_model.model.model.layers.0.self_attn.q_proj.lora_{}.weight"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lora.make(tmp_path / "billing", ARCH)


def room(**changes: int) -> Room:
    return Room(structs.replace(TINY, architecture=structs.replace(ARCH, **changes)), 16)


def refusal(folder: Path, of: Room = ROOM) -> str:
    into = folder.parent / "kept"
    with pytest.raises(ModelError) as caught:
        bring(folder, of, into)
    assert not list(into.glob("*"))
    assert caught.value.message.endswith(".")
    return caught.value.message


def test_an_adapter_of_the_model_is_copied(folder: Path, tmp_path: Path):
    (folder / "training_args.bin").write_bytes(b"\x80\x04.")
    (folder / "README.md").write_text("how it was made")
    adapter = bring(folder, ROOM, tmp_path / "kept")
    assert adapter.rank == 8
    assert {file.name for file in adapter.folder.iterdir()} == {CONFIG, WEIGHTS}
    assert (adapter.folder / WEIGHTS).read_bytes() == (folder / WEIGHTS).read_bytes()


def test_the_same_adapter_is_one_copy_and_another_has_another_path(folder: Path, tmp_path: Path):
    first = bring(folder, ROOM, tmp_path / "kept")
    assert bring(folder, ROOM, tmp_path / "kept") == first
    lora.make(folder, ARCH, seed=2)
    assert bring(folder, ROOM, tmp_path / "kept").folder != first.folder
    assert len(list((tmp_path / "kept").iterdir())) == 2


def test_copies_that_nobody_uses_go(folder: Path, tmp_path: Path):
    into = tmp_path / "kept"
    used = bring(folder, ROOM, into).folder
    bring(lora.make(folder, ARCH, seed=2), ROOM, into)
    (into / f"{DRAFT}1").mkdir()
    sweep(into, {used})
    assert list(into.iterdir()) == [used]


def test_a_link_within_the_folder_is_followed_and_one_out_of_it_is_not(folder: Path, tmp_path: Path):
    (folder / WEIGHTS).rename(folder / "v2.safetensors")
    (folder / WEIGHTS).symlink_to("v2.safetensors")
    assert (bring(folder, ROOM, tmp_path / "ok").folder / WEIGHTS).is_file()
    (folder / "v2.safetensors").rename(tmp_path / "v2.safetensors")
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(tmp_path / "v2.safetensors")
    assert "is a link out of its folder" in refusal(folder)


def test_pickle_is_refused_by_name_and_by_content(folder: Path):
    (folder / "adapter_model.bin").write_bytes(b"\x80\x04.")
    assert "adapter_model.bin was refused: it is in Python's pickle format" in refusal(folder)
    (folder / "adapter_model.bin").unlink()
    (folder / WEIGHTS).write_bytes(b"\x80\x04\x95" + bytes(100))
    assert "pickle" in refusal(folder)


@pytest.mark.parametrize("name", [CONFIG, WEIGHTS])
def test_a_folder_without_its_files_is_none(folder: Path, name: str):
    (folder / name).unlink()
    assert f"has no {name}" in refusal(folder)


def test_a_folder_that_is_not_there_is_none(tmp_path: Path):
    assert "has no adapter_config.json" in refusal(tmp_path / "nowhere")


def test_a_rank_beyond_the_slots_is_refused(folder: Path):
    assert refusal(folder, Room(TINY, 4)).endswith("Raise `launch.adapter_rank`, or train it with a lower rank.")
    lora.write(folder, lora.config(8, rank_pattern={"q_proj": 32}), lora.tensors(ARCH, 8))
    assert "has rank 32, and the engine's slots take up to 16" in refusal(folder)


def test_the_rank_of_the_matrices_counts_whatever_the_config_says(folder: Path):
    lora.write(folder, lora.config(8), lora.tensors(ARCH, 24))
    assert "has rank 24" in refusal(folder)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"hidden": 32}, "q_proj"),
        ({"heads": 4}, "q_proj.lora_B"),
        ({"intermediate": 48}, "gate_proj.lora_B"),
        ({"head_size": 16}, "q_proj.lora_B"),
    ],
)
def test_an_adapter_of_another_model_is_refused(folder: Path, changes: dict[str, int], name: str):
    message = refusal(folder, room(**changes))
    assert "was made for another model than tiny" in message
    assert name in message


def test_an_adapter_of_a_deeper_model_is_refused(folder: Path):
    assert "layers.1." in refusal(folder, room(layers=1))


def test_what_the_model_has_not_cannot_be_changed(folder: Path):
    arrays = lora.tensors(ARCH, 8)
    arrays["base_model.model.model.vision_tower.layers.0.self_attn.q_proj.lora_A.weight"] = np.zeros(
        (8, 24), np.float32
    )
    lora.write(folder, lora.config(8), arrays)
    assert "vision_tower" in refusal(folder)


@pytest.mark.parametrize("name", ["model.embed_tokens.base_layer.weight", "lm_head.weight"])
def test_words_of_the_model_itself_are_no_adapter(folder: Path, name: str):
    words = {f"base_model.model.{name}": np.zeros((100, 24), np.float32)}
    lora.write(folder, lora.config(8), words | lora.tensors(ARCH, 8))
    assert refusal(folder).endswith("Save it with `save_embedding_layers=False`.")


@pytest.mark.parametrize(
    "said",
    [{"use_dora": True}, {"bias": "all"}, {"modules_to_save": ["lm_head"]}, {"peft_type": "IA3"}],
)
def test_what_is_no_plain_lora_is_refused(folder: Path, said: dict[str, object]):
    lora.write(folder, lora.config(8, **said), lora.tensors(ARCH, 8))
    assert "more than a plain LoRA" in refusal(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"r": "many"}', '{"r": 0}', "\0" * 10])
def test_a_broken_config_is_refused(folder: Path, text: str):
    (folder / CONFIG).write_text(text)
    assert CONFIG in refusal(folder)


def test_files_too_large_for_any_such_adapter_are_not_even_copied(folder: Path):
    os.truncate(folder / WEIGHTS, 1 << 40)
    assert "takes 1.1 TB; for tiny and rank 16 it would be" in refusal(folder)
    lora.make(folder, ARCH)
    os.truncate(folder / CONFIG, 2 << 20)
    assert "1.05 MB at most" in refusal(folder)


def test_half_an_adapter_is_refused(folder: Path):
    arrays = lora.tensors(ARCH, 8)
    del arrays[FIRST.format("B")]
    lora.write(folder, lora.config(8), arrays)
    assert "do not go together" in refusal(folder)
    lora.write(folder, lora.config(8), lora.tensors(ARCH, 8) | {FIRST.format("B"): np.zeros((24, 4), np.float32)})
    assert "do not go together" in refusal(folder)
    lora.write(folder, lora.config(8), {})
    assert "changes nothing" in refusal(folder)


@pytest.mark.parametrize("shape", [(), (8,), (8, 24, 1)])
def test_what_is_no_matrix_is_refused(folder: Path, shape: tuple[int, ...]):
    lora.write(folder, lora.config(8), lora.tensors(ARCH, 8) | {FIRST.format("A"): np.zeros(shape, np.float32)})
    assert "was made for another model" in refusal(folder)


def test_a_file_that_was_cut_is_refused(folder: Path):
    os.truncate(folder / WEIGHTS, (folder / WEIGHTS).stat().st_size - 4)
    assert "do not end where the file does" in refusal(folder)


def test_words_and_experts_have_their_places(tmp_path: Path):
    mixtral = structs.replace(ARCH, experts=4, active_experts=2)
    base = "base_model.model.model."
    arrays = {
        f"{base}embed_tokens.lora_embedding_A": (8, 100),
        f"{base}embed_tokens.lora_embedding_B": (24, 8),
        "base_model.model.lm_head.lora_A.weight": (8, 24),
        "base_model.model.lm_head.lora_B.weight": (100, 8),
        f"{base}layers.1.block_sparse_moe.experts.3.w2.lora_A.weight": (8, 40),
        f"{base}layers.1.block_sparse_moe.experts.3.w2.lora_B.weight": (24, 8),
    }
    lora.write(tmp_path / "a", lora.config(8), {name: np.zeros(shape, np.float32) for name, shape in arrays.items()})
    assert bring(tmp_path / "a", room(experts=4, active_experts=2), tmp_path / "kept").rank == 8
    with pytest.raises(ModelError, match="which tiny has not"):
        bring(tmp_path / "a", room(experts=2, active_experts=2), tmp_path / "kept")
    assert "mlp.up_proj" not in linear_layers(mixtral)


def test_the_sizes_are_those_of_published_models():
    llama = linear_layers(shelf()["llama-3.1-8b-instruct"].architecture)
    assert llama["self_attn.k_proj"] == (4096, 1024)
    assert llama["mlp.down_proj"] == (14336, 4096)
    nemo = linear_layers(shelf()["mistral-nemo-12b-instruct"].architecture)
    assert nemo["self_attn.q_proj"] == (5120, 4096)


def test_a_folder_that_cannot_be_written_says_so(folder: Path, tmp_path: Path):
    (tmp_path / "kept").write_text("a file")
    with pytest.raises(ModelError, match="See to it, and load it again"):
        bring(folder, ROOM, tmp_path / "kept")


def test_what_peft_writes_beside_is_read_over(folder: Path, tmp_path: Path):
    said = json.loads((folder / CONFIG).read_text()) | {"auto_mapping": None, "rank_pattern": {}, "revision": None}
    (folder / CONFIG).write_text(json.dumps(said))
    assert bring(folder, ROOM, tmp_path / "kept").rank == 8
