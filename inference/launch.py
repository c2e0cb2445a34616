"""A model of the shelf on GPUs of this machine, as a command that starts vLLM. Pure.

The limits are those of the arithmetic in `models.memory`: what `ringfence models fit` counts is what is started.
Tests hold each flag against the real `vllm serve`.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import chain
from math import ceil
from pathlib import Path

from msgspec import Struct

from appliance.errors import ConfigError
from inference.command import Command
from inference.local import LONGEST_SOCKET_PATH
from models.fit import WITH_TOKENS, Case

LOOPBACK = "127.0.0.1"
MISTRAL_TOKENIZER = ("tekken.json", "tokenizer*.model.v*")
POOLING = ("embeddings", "rerank")
# Prompts that wait may take so many steps to read; a step takes tenths of a second. Then callers get 503, not a wait.
QUEUED_STEPS = 128
# A host that cannot exist (RFC 2606): vLLM fetches no picture or sound by its URL, from nowhere.
NO_HOST = "none.invalid"

ENVIRONMENT: Mapping[str, str] = {
    # Nothing phones home, and a model that lacks a file says so instead of asking the hub for it.
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_MEDIA_URL_ALLOW_REDIRECTS": "0",
    # Doors that no key guards, whatever our own environment says.
    "VLLM_SERVER_DEV_MODE": "0",
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "0",
    # A dead engine ends the process, so that it is seen and started again.
    "VLLM_KEEP_ALIVE_ON_ENGINE_DEATH": "0",
    # What its processes say to each other stays on this machine.
    "VLLM_HOST_IP": LOOPBACK,
    # So that GPU 0 is the same card here, in nvidia-smi and in our metrics.
    "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    "VLLM_LOGGING_COLOR": "0",
    "PYTHONUNBUFFERED": "1",
}
# Adapters come and go by vLLM's own doors, of which some ask for no key. They are open on a socket alone, which only we
# can reach; and no name that a caller makes up is looked for in a folder or on the hub.
ADAPTERS: Mapping[str, str] = {
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",
    "VLLM_LORA_RESOLVER_CACHE_DIR": "",
    "VLLM_LORA_RESOLVER_HF_REPO_LIST": "",
}


class Launch(Struct, frozen=True, kw_only=True):
    """One vLLM that is to be: which model, on which GPUs, and where it answers."""

    case: Case
    devices: tuple[str, ...]
    """CUDA's numbers or UUIDs of the GPUs. More than the case's split takes hold further copies."""
    weights: Path
    """The folder of the build."""
    answers_at: Path | int
    """A Unix socket in a folder of our own, or a port on loopback. A key guards not all of vLLM's doors."""
    key: str
    cache: Path
    """Where it keeps compiled kernels, which can take half an hour to make."""
    program: tuple[str, ...] = ("vllm", "serve")
    drain_seconds: float = 30.0
    waiting: int = 256
    """Requests that may wait, beside those that run; the next one gets 503."""
    mistral_tokenizer: bool = True
    """The folder holds Mistral's own tokenizer. Of no meaning to models of others."""
    names: tuple[str, ...] = ()
    """Models it answers to; empty: the one of the shelf. The first stands in its answers, whatever was asked for."""
    adapters: Mapping[str, Path] = {}
    """Those that it loads from the start: the model id and the folder, as `models.adapter` has checked it."""
    more: tuple[str, ...] = ()
    """Flags of the operator's own; they come last and so prevail."""

    @property
    def copies(self) -> int:
        return len(self.devices) // self.case.split.gpus


def command(launch: Launch) -> Command:
    _check(launch)
    parts = (_place(launch), _limits(launch), _model(launch), _adapters(launch), _quiet(launch))
    argv = (*launch.program, str(launch.weights), *chain.from_iterable(parts))
    environment = {
        **ENVIRONMENT,
        "CUDA_VISIBLE_DEVICES": ",".join(launch.devices),
        "VLLM_CACHE_ROOT": str(launch.cache),
        # Not in argv, which everybody on a machine can read.
        "VLLM_API_KEY": launch.key,
    }
    if launch.case.load.adapter_slots:
        environment |= ADAPTERS
    return Command((*argv, *launch.more), environment)


def _check(launch: Launch) -> None:
    split = launch.case.split
    if not launch.key:
        raise ConfigError("An engine without a key answers everybody on this machine. Give it one.")
    if not launch.devices or len(launch.devices) % split.gpus or len(set(launch.devices)) < len(launch.devices):
        raise ConfigError(
            f"{launch.case.model.name} is laid over {split.gpus} GPUs, and got {', '.join(launch.devices) or 'none'}. "
            "Give each copy that many, each of them once."
        )
    if isinstance(launch.answers_at, Path) and len(bytes(launch.answers_at)) > LONGEST_SOCKET_PATH:
        raise ConfigError(f"The socket {launch.answers_at} has a longer path than the kernel takes. Shorten it.")
    _check_adapters(launch)


def _check_adapters(launch: Launch) -> None:
    case, slots = launch.case, launch.case.load.adapter_slots
    if len(launch.adapters) > slots:
        raise ConfigError(
            f"{case.model.name} has {slots} slots for {len(launch.adapters)} adapters. Raise `launch.adapter_slots`."
        )
    if slots and case.model.purpose not in WITH_TOKENS:
        raise ConfigError(f"{case.model.name} writes no text, and takes no adapter. Set `launch.adapter_slots` to 0.")
    if slots and not isinstance(launch.answers_at, Path):
        raise ConfigError("Any program here could load adapters by a port. Give an engine with adapters a socket.")
    if taken := launch.adapters.keys() & set(served_names(launch)):
        raise ConfigError(f"The adapter {min(taken)!r} has the name of its model. Give it another.")


def served_names(launch: Launch) -> tuple[str, ...]:
    return launch.names or (launch.case.model.name,)


def _place(launch: Launch) -> Iterator[str]:
    yield from ("--served-model-name", *served_names(launch))
    if isinstance(launch.answers_at, Path):
        yield from ("--uds", str(launch.answers_at))
    else:
        yield from ("--host", LOOPBACK, "--port", str(launch.answers_at))
    split = launch.case.split
    for flag, number in (
        ("--tensor-parallel-size", split.tensor),
        ("--pipeline-parallel-size", split.pipeline),
        ("--data-parallel-size", launch.copies),
    ):
        if number > 1:
            yield from (flag, str(number))


def _limits(launch: Launch) -> Iterator[str]:
    case, load = launch.case, launch.case.load
    step = step_tokens(case)
    numbers = {
        "--gpu-memory-utilization": f"{load.utilization:g}",
        "--max-model-len": case.tokens,
        "--max-num-seqs": load.sequences,
        "--max-num-batched-tokens": step,
        "--max-num-queued-reqs": load.sequences * launch.copies + launch.waiting,
        "--max-num-queued-tokens": step * QUEUED_STEPS * launch.copies,
        "--shutdown-timeout": ceil(launch.drain_seconds),
    }
    for flag, number in numbers.items():
        yield from (flag, str(number))
    if load.cache_bytes == 1:
        yield from ("--kv-cache-dtype", "fp8")


def step_tokens(case: Case) -> int:
    """An encoder reads a text in one step, so that the longest one must fit."""
    is_encoder = case.model.architecture.kind == "encoder"
    return max(case.load.batched_tokens, case.tokens) if is_encoder else case.load.batched_tokens


def _model(launch: Launch) -> Iterator[str]:
    model = launch.case.model
    # vLLM's choice for Mistral's own files, which come in two formats; else never pickle, which runs what is in it.
    if not model.tokenizer_mode:
        yield from ("--load-format", "safetensors")
    if model.purpose in POOLING:
        yield from ("--runner", "pooling")
    elif model.purpose in WITH_TOKENS:
        yield "--enable-prefix-caching"
    if model.tool_parser:
        yield from ("--enable-auto-tool-choice", "--tool-call-parser", model.tool_parser)
    own_tokenizer = model.tokenizer_mode == "mistral" and launch.mistral_tokenizer
    if own_tokenizer:
        yield from ("--tokenizer-mode", "mistral")
    elif model.template:
        yield from ("--chat-template", template_path(model.template))
    if model.overrides:
        yield from ("--hf-overrides", model.overrides)
    if model.sampling is not None:
        sampling = {"temperature": model.sampling.temperature, "top_p": model.sampling.top_p}
        yield from ("--generation-config", "vllm", "--override-generation-config", json.dumps(sampling))


def _adapters(launch: Launch) -> Iterator[str]:
    load = launch.case.load
    if not load.adapter_slots:
        return
    yield from ("--enable-lora", "--max-loras", str(load.adapter_slots), "--max-lora-rank", str(load.adapter_rank))
    if launch.copies > 1:
        # By itself it would start one for each copy, and each would know other adapters.
        yield from ("--api-server-count", "1")
    if launch.adapters:
        # As JSON: a name or a folder may hold what the short form splits at.
        yield "--lora-modules"
        yield from (json.dumps({"name": name, "path": str(folder)}) for name, folder in launch.adapters.items())


def _quiet(launch: Launch) -> Iterator[str]:
    """What nobody needs, and prompts in a log least of all."""
    yield from ("--no-enable-log-requests", "--disable-uvicorn-access-log", "--disable-fastapi-docs")
    yield from ("--allowed-media-domains", NO_HOST)


def has_mistral_tokenizer(weights: Path) -> bool:
    """Mistral's own builds have one. A folder that is not on this machine is taken for such."""
    return not weights.is_dir() or any(any(weights.glob(name)) for name in MISTRAL_TOKENIZER)


def template_path(name: str) -> str:
    return str(files("models").joinpath("templates", name))
