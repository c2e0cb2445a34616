from importlib.resources import files

import pytest

from models.gpu import GIB
from models.shelf import Build, Model, shelf
from models.shelf.rows import weight_bytes

BUILDS = [(model, build) for model in shelf().values() for build in model.builds]

# What vLLM logged as "Model loading took"; of one GPU. It holds some tables beside the weights.
LOGGED = [
    ("llama-3.1-8b-instruct", "bf16", 14.99),  # llm-d/llm-d-benchmark, config_explorer/empirical-vllm-memory-results.md
    ("llama-3.1-8b-instruct", "int4", 5.3473),  # nalrunyan/llama3-8b-gptq-4bit on an L4, vLLM 0.13, 2025-12-31
    ("llama-3.3-70b-instruct", "fp8", 67.72),  # llm-d/llm-d-benchmark, as above
    ("llama-3.3-70b-instruct", "int4", 37.09),  # report on AWQ Marlin, RTX PRO 6000, vLLM 0.14, 2026-01-29
    ("llama-3.2-1b-instruct", "bf16", 2.3185),  # vllm serve meta-llama/Llama-3.2-1B, 0.1.dev8168, 2025-08-01
    ("llama-3.2-3b-instruct", "bf16", 6.016),  # unsloth/Llama-3.2-3B-Instruct on a T4, vLLM 0.8.2, 2025-05-05
    ("mistral-7b-instruct-v0.3", "bf16", 13.5084),  # mistralai/Mistral-7B-Instruct-v0.3, vLLM 0.15.1, 2026-02-05
    ("mistral-7b-instruct-v0.3", "int4", 3.89),  # solidrust/Mistral-7B-Instruct-v0.3-AWQ on an RTX 3090, 2026-05-22
    ("mistral-nemo-12b-instruct", "bf16", 22.8447),  # on an A100 40 GB, 2025-12-12
    ("mistral-small-3.2-24b-instruct", "bf16", 44.76),  # llm-d/llm-d-benchmark, as above
]


def build_of(name: str, precision: str) -> Build:
    return next(each for each in shelf()[name].builds if each.precision == precision)


@pytest.mark.parametrize(("model", "build"), BUILDS, ids=lambda each: getattr(each, "repository", None))
def test_the_architecture_gives_the_weight_size(model: Model, build: Build):
    assert weight_bytes(model.architecture, build.precision) == pytest.approx(build.bytes, rel=0.01)


@pytest.mark.parametrize(("name", "precision", "logged"), LOGGED)
def test_the_weight_size_is_what_vllm_logged(name: str, precision: str, logged: float):
    assert build_of(name, precision).bytes / GIB == pytest.approx(logged, rel=0.01)


@pytest.mark.parametrize("model", shelf().values(), ids=lambda each: each.name)
def test_a_row_is_whole(model: Model):
    assert model.builds[0].precision == "bf16"
    assert len({build.repository for build in model.builds}) == len(model.builds)
    assert (model.embedding is not None) == (model.purpose == "embeddings")
    assert all(build.method or build.precision == "bf16" for build in model.builds)
    if model.template:
        assert files("models").joinpath("templates", model.template).is_file()


def test_every_template_is_used_by_a_row():
    shipped = {each.name for each in files("models").joinpath("templates").iterdir()}
    assert shipped == {model.template for model in shelf().values()} - {""}
