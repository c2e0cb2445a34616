"""What the tests of this folder run on: a GPU with vLLM for GPUs, or, as if it were one, the CPU."""

import hashlib
import re
import secrets
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from appliance.gpus import nvml
from inference.launch import Launch
from inference.supervise.placement import Machine, NoPlace, Place, Want, described, place
from models.fit import Case, Wish
from models.gpu import Gpus, of_this_machine, parse
from models.memory import BLOCK, Split, ledger, request_bytes
from models.shelf import Architecture, shelf
from models.shelf.rows import Build, Model, weight_bytes
from tests.acceptance.product import free_port
from tests.gpu import weights
from tests.peers import vllm
from tests.peers.cache import Tell, kept, user_cache
from tests.peers.missing import PeerMissing

CONTEXT = 4096
SHARE = 0.92
CLOSE = 0.05
"""What the arithmetic may be off."""
CACHE_SIZE = re.compile(r"KV cache size: ([\d,]+) tokens")
LLAMA = shelf()["llama-3.1-8b-instruct"]
SMALL = Architecture(
    kind="decoder", layers=4, hidden=256, intermediate=512, heads=4, kv_heads=2, head_size=64, vocabulary=2048
)
SMALL_CACHE = 64 << 20


@dataclass(frozen=True)
class Rig:
    is_gpu: bool
    machine: Machine
    launch: Launch
    """On one GPU and a port."""
    streams: int
    max_tokens: int
    least_ratio: float
    """Of the speed through the appliance against vLLM alone; on a CPU that all of it shares, only a sign of life."""

    def cache_tokens(self, launch: Launch) -> float:
        """By our arithmetic. A CPU's memory is not divided up: there the size is given."""
        case = launch.case
        arch, load = case.model.architecture, case.load
        room = ledger(arch, case.build, case.gpus.kind, case.split, load).cache if self.is_gpu else SMALL_CACHE
        return room / request_bytes(arch, case.split, load, BLOCK) * BLOCK


@dataclass(frozen=True)
class Server:
    launch: Launch
    log: Path
    pid: int

    @property
    def url(self) -> str:
        """Of one that answers on a port."""
        return f"http://127.0.0.1:{self.launch.answers_at}"

    @property
    def cache_tokens(self) -> int:
        said = CACHE_SIZE.search(self.log.read_text())
        assert said, "vLLM says no more how large its cache is"
        return int(said[1].replace(",", ""))


def on_gpu(program: str, tell: Tell) -> Rig:
    words = tuple(shlex.split(program))
    if shutil.which(words[0]) is None:
        raise PeerMissing(f"No `{words[0]}` for the GPU here. Name vLLM, as in --vllm '/opt/vllm/bin/vllm serve'.")
    machine = Machine(tuple(nvml.devices()))
    row = structs.replace(LLAMA, builds=LLAMA.builds[:1], template="", tool_parser="", sampling=None)
    found = _find(machine, 1)
    if isinstance(found, NoPlace):
        raise PeerMissing(found.reason)
    launch = _launch(row, of_this_machine(found.devices), found, tell)
    return Rig(True, machine, structs.replace(launch, program=words), 64, 256, 0.95)


def on_cpu(tell: Tell) -> Rig:
    """The vLLM of the other tests, with a very small model."""
    installed = vllm.install(user_cache() / "peers", tell)
    card = parse("16GiB")
    machine = Machine(described(card))
    build = Build(precision="bf16", repository="small", bytes=weight_bytes(SMALL, "bf16"))
    row = structs.replace(vllm.ROW, name="small", architecture=SMALL, builds=(build,), tool_parser="")
    found = _find(machine, 1)
    assert isinstance(found, Place)
    launch = structs.replace(
        _launch(row, card, found, tell),
        program=(*vllm.program(installed), "serve"),
        more=(*vllm.FLAGS, "--kv-cache-memory-bytes", str(SMALL_CACHE)),
    )
    return Rig(False, machine, launch, 2, 24, 0.3)


@contextmanager
def serving(rig: Rig, launch: Launch, log: Path, tell: Tell) -> Iterator[Server]:
    with vllm.started(launch, log, tell, {} if rig.is_gpu else vllm.SETTINGS) as process:
        yield Server(launch, log, process.pid)


def over_two(rig: Rig) -> Launch | None:
    """The same model laid over two GPUs; None where there are none, or they are taken."""
    found = _find(rig.machine, 2) if rig.is_gpu else None
    if not isinstance(found, Place):
        return None
    case = structs.replace(rig.launch.case, gpus=of_this_machine(found.devices), split=Split(2))
    return structs.replace(rig.launch, case=case, devices=found.uuids, answers_at=free_port())


def _find(machine: Machine, number: int) -> Place | NoPlace:
    return place(Want(numbers={device.name: number for device in machine.devices}, share=SHARE), machine)


def _launch(row: Model, gpus: Gpus, found: Place, tell: Tell) -> Launch:
    arch = row.architecture
    shape = hashlib.sha256(repr(arch).encode()).hexdigest()[:12]
    cache = user_cache() / "peers"
    return Launch(
        case=Case(row, row.builds[0], gpus, Split(), Wish(context=CONTEXT, utilization=SHARE)),
        devices=found.uuids,
        weights=kept(cache, "random-weights", shape, lambda folder: weights.make(folder, arch, CONTEXT), tell),
        answers_at=free_port(),
        key=secrets.token_urlsafe(24),
        cache=cache / "vllm-runtime",
        drain_seconds=5,
    )
