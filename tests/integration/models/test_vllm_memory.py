"""The arithmetic against a real vLLM. On the CPU no GPU memory is divided up: the cache's size is given, and vLLM says
how much that holds."""

import json
import re
from pathlib import Path

import pytest

from models.memory import BLOCK, Load, Split, concurrency, request_bytes
from models.shelf import Architecture
from models.shelf.rows import weight_bytes
from tests.peers.vllm import VllmInstall, VllmServer

CACHE_BYTES = 512 << 20
CONTEXT = 2048
SAID = re.compile(r"KV cache size: ([\d,]+) tokens, Maximum concurrency for 2,048 tokens per request: ([\d.]+)x")


@pytest.fixture(scope="module")
def model(vllm_install: VllmInstall) -> Path:
    return vllm_install.model


@pytest.fixture(scope="module")
def architecture(model: Path) -> Architecture:
    config = json.loads((model / "config.json").read_text())
    return Architecture(
        kind="decoder",
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        intermediate=config["intermediate_size"],
        heads=config["num_attention_heads"],
        kv_heads=config["num_key_value_heads"],
        head_size=config["head_dim"],
        vocabulary=config["vocab_size"],
        tied=config["tie_word_embeddings"],
    )


def test_the_weights_are_as_large_as_the_architecture_says(model: Path, architecture: Architecture) -> None:
    size = (model / "model.safetensors").stat().st_size
    assert weight_bytes(architecture, "bf16") == pytest.approx(size, rel=0.001)


def test_the_cache_holds_what_vllm_says(architecture: Architecture, vllm_server: VllmServer) -> None:
    said = SAID.search(vllm_server.log.read_text())
    assert said
    tokens, times = int(said[1].replace(",", "")), float(said[2])
    assert CACHE_BYTES / request_bytes(architecture, Split(), Load(), BLOCK) * BLOCK == pytest.approx(tokens, rel=0.02)
    assert concurrency(architecture, Split(), Load(), CACHE_BYTES, CONTEXT) == pytest.approx(times, rel=0.02)
