"""How far an engine is on its way to the first token, out of what it writes. Pure."""

import re
from typing import NamedTuple


class Stage(NamedTuple):
    sign: re.Pattern[str]
    said: str


def _stage(sign: str, said: str) -> Stage:
    return Stage(re.compile(sign), said)


# vLLM's log lines and the bars of tqdm. The first that fits; a bar's percentage comes out of its group.
STAGES = (
    _stage(r"Loading [\w .()-]+:\s+(\d+)%", "loading weights {}%"),
    _stage(r"Prefetching checkpoint files:\s+(\d+)%", "reading weights {}%"),
    _stage(r"Capturing CUDA graphs[^:]*:\s+(\d+)%", "capturing graphs {}%"),
    _stage(r"(?:JIT kernel warmup|DeepGEMM warmup|Compiling CuTeDSL kernels)[^:]*:\s+(\d+)%", "compiling kernels {}%"),
    _stage(r"Initializing a V1 LLM engine", "starting its processes"),
    _stage(r"Starting to load model", "loading weights"),
    _stage(r"Using cache directory: \S+ for vLLM's torch\.compile|Starting torch\.compile", "compiling"),
    _stage(r"Dynamo bytecode transform time|Compile and warming up model", "compiling"),
    _stage(r"torch\.compile took|Available KV cache memory|KV cache size:", "making room for requests"),
    _stage(r"init engine \(.*\) took", "starting to answer"),
    _stage(r"Starting vLLM server on", "starting to answer"),
)


def progress(line: str) -> str:
    """Empty where the line does not tell."""
    for stage in STAGES:
        if found := stage.sign.search(line):
            return stage.said.format(*found.groups())
    return ""
