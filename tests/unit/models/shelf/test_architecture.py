"""Against the parameter counts that the models' makers and the model hub publish."""

import pytest

from models.shelf import Architecture, shelf
from models.shelf.architecture import count

PUBLISHED = {
    "llama-3.1-8b-instruct": 8_030_261_248,
    "llama-3.3-70b-instruct": 70_553_706_496,
    "llama-3.2-1b-instruct": 1_235_814_400,
    "llama-3.2-3b-instruct": 3_212_749_824,
    "llama-4-scout-17b-16e-instruct": 108_641_793_536,
    "llama-guard-3-8b": 8_030_261_248,
    "llama-guard-3-1b": 1_498_482_688,
    "mistral-7b-instruct-v0.3": 7_248_023_552,
    "mistral-nemo-12b-instruct": 12_247_782_400,
    "mistral-small-3.2-24b-instruct": 24_011_361_280,
    "mixtral-8x7b-instruct-v0.1": 46_702_792_704,
    "bge-m3": 567_754_752,
    "bge-reranker-v2-m3": 567_755_777,
    "qwen3-embedding-0.6b": 595_776_512,
    "qwen3-embedding-4b": 4_021_774_336,
    "qwen3-reranker-0.6b": 595_776_512,
    "all-minilm-l6-v2-vllm": 22_713_216,
    "whisper-large-v3": 1_543_490_560,
    "whisper-large-v3-turbo": 808_878_080,
}


def test_every_model_has_a_published_count():
    assert shelf().keys() == PUBLISHED.keys()


@pytest.mark.parametrize(("name", "parameters"), PUBLISHED.items())
def test_the_architecture_gives_the_published_count(name: str, parameters: int):
    assert shelf()[name].parameters == parameters


@pytest.mark.parametrize(
    ("name", "active"),
    [("llama-4-scout-17b-16e-instruct", 17.2e9), ("mixtral-8x7b-instruct-v0.1", 12.9e9)],
)
def test_experts_that_a_token_does_not_pass_are_not_active(name: str, active: float):
    parts = count(shelf()[name].architecture)
    assert parts.active + parts.embedding + parts.output == pytest.approx(active, rel=0.01)


def test_an_output_that_shares_the_embedding_costs_nothing():
    shape = {"kind": "decoder", "layers": 2, "hidden": 8, "intermediate": 16, "heads": 2, "kv_heads": 1}
    own = Architecture(**shape, head_size=4, vocabulary=100)  # type: ignore[arg-type]
    tied = Architecture(**shape, head_size=4, vocabulary=100, tied=True)  # type: ignore[arg-type]
    assert count(own).total - count(tied).total == 8 * 100
