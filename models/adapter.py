"""A LoRA adapter: small matrices beside those of a model. Its folder is judged before an engine reads it.

An engine gets a copy, named by its content: what was judged is what is loaded, also when vLLM reads it again later, and
new weights never meet what vLLM kept of old ones, for it keeps that by the path.
"""

import hashlib
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from appliance.errors import ModelError
from models.memory import HALF, Load, Split, adapters
from models.shelf.architecture import Architecture
from models.shelf.rows import Model
from models.store import formats
from models.store.disk import check_space, shown

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PICKLES = ("adapter_model.bin", "adapter_model.pt")
LARGEST_CONFIG = 1 << 20
CHUNK = 1 << 20
WIDEST = 4
"""Bytes of a number: some adapters keep 32 bits."""
DRAFT = ".draft-"
METADATA = "__metadata__"

BEGIN = r"base_model\.model\.(?:model\.|language_model\.)*"
LAYER = re.compile(BEGIN + r"layers\.(\d{1,4})\.([a-z0-9_.]{1,80})\.lora_(A|B)\.weight")
WORDS = re.compile(BEGIN + r"(embed_tokens|lm_head)\.lora_(?:embedding_)?(A|B)(?:\.weight)?")
OWN_WORDS = ("embed_tokens.weight", "lm_head.weight", "base_layer.weight")
EXPERT = re.compile(r"block_sparse_moe\.experts\.(\d{1,4})\.(w[123])")

Sizes = tuple[int, int]
"""Of a linear layer: the numbers that go in, and that come out."""


class Room(Struct, frozen=True):
    """What an engine has for an adapter."""

    model: Model
    rank: int
    """The largest that goes into its slots."""


class Adapter(Struct, frozen=True):
    folder: Path
    """The copy."""
    rank: int


class _Config(Struct):
    """As PEFT writes it. vLLM judges what else may stand in it."""

    r: int
    peft_type: str = "LORA"
    rank_pattern: dict[str, int] | None = None
    bias: str = "none"
    use_dora: bool = False
    modules_to_save: list[str] | None = None

    @property
    def rank(self) -> int:
        return max((self.r, *(self.rank_pattern or {}).values()))


class _Tensor(Struct):
    shape: list[int]


def bring(folder: Path, room: Room, into: Path) -> Adapter:
    """Copies an adapter that this engine can take; refuses any other. The same one again is the same copy."""
    try:
        return _bring(folder, room, into)
    except OSError as error:
        raise ModelError(f"{error.filename or folder}: {error.strerror}. See to it, and load it again.") from error


def sweep(into: Path, used: Collection[Path]) -> None:
    """Removes the copies that nobody uses."""
    for place in into.glob("*"):
        if place not in used:
            shutil.rmtree(place, ignore_errors=True)


def _bring(folder: Path, room: Room, into: Path) -> Adapter:
    sources = {name: _source(folder, name) for name in (CONFIG, WEIGHTS)}
    _check_sizes(sources, room)
    check_space(into, sum(source.stat().st_size for source in sources.values()), str(folder))
    into.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=into))
    try:
        digest = _copy(sources, draft)
        rank = _judge(draft, folder, room)
        place = into / digest
        if not place.is_dir():
            draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Adapter(place, rank)


def _source(folder: Path, name: str) -> Path:
    for pickle in PICKLES:
        if (folder / pickle).exists():
            raise ModelError(f"{folder / pickle} was refused: {formats.PICKLE_REASON}")
    file = folder / name
    if not file.is_file():
        raise ModelError(f"{folder} has no {name}. Name the folder of an adapter as PEFT saves it, in safetensors.")
    found = file.resolve()
    if not found.is_relative_to(folder.resolve()):
        raise ModelError(f"{file} is a link out of its folder. Copy the files themselves, as `cp -rL` does.")
    return found


def _check_sizes(sources: Mapping[str, Path], room: Room) -> None:
    arch, load = room.model.architecture, Load(adapter_slots=1, adapter_rank=room.rank)
    # One that carries the model's words is refused too, but for that reason.
    numbers = adapters(arch, Split(), load) // HALF + 2 * arch.vocabulary * arch.hidden
    for name, most in ((CONFIG, LARGEST_CONFIG), (WEIGHTS, formats.HEAD + numbers * WIDEST)):
        size = sources[name].stat().st_size
        if size > most:
            raise ModelError(
                f"{sources[name]} takes {shown(size)}; for {room.model.name} and rank {room.rank} it would be "
                f"{shown(most)} at most. Take an adapter of this model, or raise `launch.adapter_rank`."
            )


def _copy(sources: Mapping[str, Path], draft: Path) -> str:
    digest = hashlib.sha256()
    for name, source in sources.items():
        with source.open("rb") as stream, (draft / name).open("wb") as target:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                target.write(chunk)
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def _judge(draft: Path, folder: Path, room: Room) -> int:
    """The rank of an adapter that goes with the model."""
    config = _read_config((draft / CONFIG).read_bytes(), folder)
    file = draft / WEIGHTS
    with file.open("rb") as stream:
        head = stream.read(formats.HEAD)
    formats.check(WEIGHTS, head, file.stat().st_size)
    rank = max(config.rank, _check_tensors(_shapes(head), folder, room.model))
    if rank > room.rank:
        raise ModelError(
            f"{folder} has rank {rank}, and the engine's slots take up to {room.rank}. Raise `launch.adapter_rank`, "
            "or train it with a lower rank."
        )
    return rank


def _read_config(text: bytes, folder: Path) -> _Config:
    try:
        config = msgspec.json.decode(text, type=_Config)
    except msgspec.DecodeError as error:
        raise ModelError(f"{folder / CONFIG} is not as PEFT writes it: {error}. Save the adapter anew.") from error
    is_plain = config.peft_type == "LORA" and config.bias == "none" and not config.use_dora
    if not is_plain or config.modules_to_save:
        raise ModelError(
            f"{folder} is more than a plain LoRA, which is all that vLLM takes. "
            "Train it without biases, DoRA and `modules_to_save`."
        )
    if config.r < 1:
        raise ModelError(f"{folder / CONFIG} has r {config.r}. Save the adapter anew.")
    return config


def _shapes(head: bytes) -> dict[str, list[int]]:
    """Of a table that `formats.check` has read before."""
    length = int.from_bytes(head[:8], "little")
    table = msgspec.json.decode(head[8 : 8 + length], type=dict[str, msgspec.Raw])
    return {name: msgspec.json.decode(entry, type=_Tensor).shape for name, entry in table.items() if name != METADATA}


def _check_tensors(shapes: Mapping[str, list[int]], folder: Path, model: Model) -> int:
    """Their rank. Matrices that are too small vLLM would take, and answer nonsense."""
    layers = linear_layers(model.architecture)
    ranks: dict[str, dict[str, int]] = defaultdict(dict)
    for name, shape in shapes.items():
        if name.endswith(OWN_WORDS):
            raise ModelError(
                f"{folder} carries words of the model, {name}. Save it with `save_embedding_layers=False`."
            )
        place, kind, side = _parse(name, model.architecture)
        if kind not in layers:
            raise ModelError(f"{folder} changes {name}, which {model.name} has not. Take an adapter of this model.")
        rank = (shape[:1] if side == "A" else shape[1:])[0] if len(shape) == 2 else 0
        into, out = layers[kind]
        if shape != ([rank, into] if side == "A" else [out, rank]):
            raise ModelError(
                f"{folder} was made for another model than {model.name}: {name} is {shape}, and the layer takes "
                f"{into} numbers and gives {out}. Take an adapter of this model."
            )
        ranks[place][side] = rank
    for place, found in ranks.items():
        if found.keys() != {"A", "B"} or found["A"] != found["B"]:
            raise ModelError(f"{folder}: the two matrices of {place} do not go together. Save the adapter anew.")
    if not ranks:
        raise ModelError(f"{folder} changes nothing. Save the adapter anew.")
    return max(found["A"] for found in ranks.values())


def linear_layers(arch: Architecture) -> dict[str, Sizes]:
    """By the name that adapters give them, without the number of the layer or the expert."""
    hidden, words = arch.hidden, arch.vocabulary
    queries, keys = arch.heads * arch.head_size, arch.kv_heads * arch.head_size
    found = {
        "self_attn.q_proj": (hidden, queries),
        "self_attn.k_proj": (hidden, keys),
        "self_attn.v_proj": (hidden, keys),
        "self_attn.o_proj": (queries, hidden),
        "embed_tokens": (words, hidden),
        "lm_head": (hidden, words),
    }
    if arch.shared_intermediate:
        found |= _feed("feed_forward.shared_expert", hidden, arch.shared_intermediate)
    if not arch.experts:
        return found | _feed("mlp", hidden, arch.intermediate)
    # Mixtral's names. Adapters of Llama 4's experts have another layout, and are refused.
    expert = {f"block_sparse_moe.experts.{name}": (hidden, arch.intermediate) for name in ("w1", "w3")}
    down = {"block_sparse_moe.experts.w2": (arch.intermediate, hidden)}
    return found | expert | down | {"block_sparse_moe.gate": (hidden, arch.experts)}


def _feed(name: str, hidden: int, inner: int) -> dict[str, Sizes]:
    return {
        f"{name}.gate_proj": (hidden, inner),
        f"{name}.up_proj": (hidden, inner),
        f"{name}.down_proj": (inner, hidden),
    }


def _parse(name: str, arch: Architecture) -> tuple[str, str, str]:
    """The place in the model, what is there, and which of the two matrices it is; of none, nothing."""
    if words := WORDS.fullmatch(name):
        return words[1], words[1], words[2]
    layer = LAYER.fullmatch(name)
    if layer is None or int(layer[1]) >= arch.layers:
        return name, "", ""
    place, kind = f"layers.{layer[1]}.{layer[2]}", layer[2]
    if expert := EXPERT.fullmatch(kind):
        kind = f"block_sparse_moe.experts.{expert[2]}" if int(expert[1]) < arch.experts else ""
    return place, kind, layer[3]
