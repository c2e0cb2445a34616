"""Against what vLLM logged on real GPUs.

Each case states the model, the GPU's memory as CUDA sees it, and every limit that was not vLLM's default; the defaults
(steps of 2,048 or 8,192 tokens, 256 or 1,024 sequences, the sampler) are those of its version. All cases go through the
same arithmetic. Of its figures, the copies that torch's sampler makes come from llm-d's page, whose peaks of 4.8 to 5.6
GiB only they explain; the cost of CUDA graphs from the estimates that newer versions log; the rest from vLLM's code.
"""

from typing import NamedTuple

import pytest

from models.gpu import GIB, Gpu
from models.memory import BLOCK, Load, Split, concurrency, ledger, request_bytes
from models.shelf import Architecture, Build, shelf
from models.shelf.rows import Precision, weight_bytes

QWEN3_06B = Architecture(
    kind="decoder", layers=28, hidden=1024, intermediate=3072, heads=16, kv_heads=8, head_size=128,
    vocabulary=151_936, tied=True, qk_norm=True,
)  # fmt: skip
QWEN3_14B = Architecture(
    kind="decoder", layers=40, hidden=5120, intermediate=17_408, heads=40, kv_heads=8, head_size=128,
    vocabulary=151_936, qk_norm=True,
)  # fmt: skip
QWEN3_32B = Architecture(
    kind="decoder", layers=64, hidden=5120, intermediate=25_600, heads=64, kv_heads=8, head_size=128,
    vocabulary=151_936, qk_norm=True,
)  # fmt: skip
QWEN25_05B = Architecture(
    kind="decoder", layers=24, hidden=896, intermediate=4864, heads=14, kv_heads=2, head_size=64,
    vocabulary=151_936, tied=True,
)  # fmt: skip


def on_shelf(name: str) -> Architecture:
    return shelf()[name].architecture


LLAMA_8B = on_shelf("llama-3.1-8b-instruct")
LLAMA_70B = on_shelf("llama-3.3-70b-instruct")
LLAMA_1B = on_shelf("llama-3.2-1b-instruct")
MISTRAL_7B = on_shelf("mistral-7b-instruct-v0.3")
NEMO = on_shelf("mistral-nemo-12b-instruct")
SMALL = on_shelf("mistral-small-3.2-24b-instruct")

LLM_D = "llm-d/llm-d-benchmark, config_explorer/empirical-vllm-memory-results.md"
RUNPOD = "igabhix001/Finetuning_LLama, logs_runpod.md, vLLM 0.15.1, 2026-02-19"
STUDY = "notes on LLM serving, week 5 (2025): vllm serve Qwen/Qwen3-14B on g6e (one L40S)"


class Case(NamedTuple):
    source: str
    architecture: Architecture
    precision: Precision
    gpu: float
    """GiB."""
    load: Load
    tokens: int = 0
    """"GPU KV cache size"."""
    cache: float = 0
    """"Available KV cache memory" of one GPU, in GiB, where the tokens are not given."""
    split: Split = Split()


# Before 0.21 vLLM did not count CUDA graphs.
OLD = Load(utilization=0.90, graphs=False)
OFFLINE = Load(utilization=0.90, graphs=False, batched_tokens=8192)
H100 = Load(utilization=0.90, graphs=False, batched_tokens=8192, sequences=1024)

CASES = [
    Case("A100 80 GB, image vllm-openai:v0.31.0, 2026-10-06: 79.25 GiB, 3.51x for 131,072 tokens",
         LLAMA_8B, "bf16", 79.25, Load(utilization=0.92, sampler="flashinfer"), tokens=460_496),
    Case("ilseokoh/vllm-gce, README.md: A100 40 GB, vLLM 0.15.1, LLM(enforce_eager=True), 2026-02-06",
         LLAMA_8B, "bf16", 39.39, OFFLINE, tokens=157_936),
    Case("nalrunyan/llama3-8b-gptq-4bit, validation report: L4, vLLM 0.13.0, 0.85, 2025-12-31",
         LLAMA_8B, "int4", 22.03, Load(utilization=0.85, graphs=False, batched_tokens=8192), tokens=99_200),
    Case("notes on vLLM's start (0.1.dev9966): a GPU of 24 GB, --gpu-memory-utilization 0.90 --max-model-len 10000",
         LLAMA_8B, "bf16", 23.53, OLD, tokens=40_528),
    Case(RUNPOD + ": RTX 6000 Ada (47.4 GB)", LLAMA_8B, "bf16", 47.4, OLD, tokens=216_496),
    Case("ArmDeveloperEcosystem/arm-learning-paths, dgx_spark_voicechatbot/4_vllm.md: GB10, vLLM 0.11.0, 2026-01-23",
         MISTRAL_7B, "int4", 119.7, Load(utilization=0.90, graphs=False, sampler="flashinfer"), tokens=840_160),
    Case("report on models for a Wazuh assistant: A100-SXM4-40GB, 0.65, 2025-12-12",
         NEMO, "bf16", 39.39, Load(utilization=0.65, graphs=False), tokens=9_840),
    Case(LLM_D, LLAMA_8B, "bf16", 79.18, H100, cache=51.38),
    Case(LLM_D, LLAMA_70B, "fp8", 79.18, H100, cache=32.00, split=Split(2)),
    Case(LLM_D + ": vLLM 0.11.0, 0.95", SMALL, "bf16", 79.18,
         Load(utilization=0.95, graphs=False, batched_tokens=8192, sequences=1024, sampler="flashinfer"),
         tokens=184_832),
    Case(LLM_D, QWEN3_06B, "bf16", 79.18, H100, cache=64.45),
    Case(LLM_D, QWEN3_32B, "bf16", 79.18, H100, cache=4.45),
    Case(LLM_D, QWEN3_32B, "bf16", 79.18, H100, cache=34.49, split=Split(2)),
    Case(STUDY, QWEN3_14B, "bf16", 44.4, OLD, tokens=72_064),
    Case(STUDY + ", AWQ", QWEN3_14B, "int4", 44.4, OLD, tokens=191_056),
    Case("notes on vLLM 0.27.1: Qwen2.5-0.5B-Instruct, 0.85 of 23.99 GiB, 2026-08-22",
         QWEN25_05B, "bf16", 23.99, Load(utilization=0.85, sampler="flashinfer"), tokens=1_629_520),
]  # fmt: skip

# What one log says of its cache: GiB, tokens, the context and "Maximum concurrency" for it.
CACHES = [
    ("A100, as above", LLAMA_8B, Load(), 56.21, 460_496, 131_072, 3.51),
    ("vllm serve meta-llama/Llama-3.2-1B, 2025-08-01", LLAMA_1B, Load(), 37.10, 1_215_552, 131_072, 9.27),
    ("nvidia/Llama-3.3-70B-Instruct-FP8, fp8 cache", LLAMA_70B, Load(cache_bytes=1), 5.11, 33_504, 32_000, 1.05),
    ("Llama-3.1-70B fp8, RTX PRO 6000, vLLM 0.23.0, 2026-06-28", LLAMA_70B, Load(), 14.54, 47_648, 16_384, 2.91),
    ("the same at 0.875", LLAMA_70B, Load(), 12.17, 39_872, 16_384, 2.43),
    (RUNPOD, LLAMA_8B, Load(), 26.43, 216_496, 8_192, 26.43),
    ("arm-learning-paths, as above", MISTRAL_7B, Load(), 102.56, 840_160, 32_768, 25.64),
    (LLM_D, SMALL, Load(), 28.20, 184_832, 16_000, 11.55),
]


def account(case: Case) -> int:
    build = Build(precision=case.precision, repository="-", bytes=weight_bytes(case.architecture, case.precision))
    total = round(case.gpu * GIB)
    gpu = Gpu(name="-", total=total, free=total)
    return ledger(case.architecture, build, gpu, case.split, case.load).cache


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.source[:40])
def test_the_cache_is_what_vllm_logged(case: Case):
    cache = account(case)
    tokens = concurrency(case.architecture, case.split, case.load, cache, BLOCK) * BLOCK
    measured, logged = (cache / GIB, case.cache) if case.cache else (tokens, case.tokens)
    assert measured == pytest.approx(logged, rel=0.05)


def test_there_are_a_dozen_cases_or_more():
    assert len(CASES) >= 12
    assert len({case.architecture for case in CASES}) >= 6


def test_what_did_not_start_does_not_fit():
    """The same page: the FP8 build of Llama 3.3 70B on one H100 lacked 1.44 GiB."""
    assert account(Case(LLM_D, LLAMA_70B, "fp8", 79.18, H100)) / GIB == pytest.approx(-1.44, abs=0.3)


@pytest.mark.parametrize(("source", "arch", "load", "gib", "tokens", "context", "times"), CACHES)
def test_a_cache_holds_as_many_tokens_and_requests(
    source: str, arch: Architecture, load: Load, gib: float, tokens: int, context: int, times: float
):
    assert gib * GIB / request_bytes(arch, Split(), load, BLOCK) * BLOCK == pytest.approx(tokens, rel=0.002)
    assert concurrency(arch, Split(), load, gib * GIB, context) == pytest.approx(times, rel=0.02)
