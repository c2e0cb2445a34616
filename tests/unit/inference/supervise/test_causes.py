"""What a person reads when an engine does not start. The files hold what vLLM 0.32 really wrote, cut a little."""

import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.process import split
from inference.supervise.causes import SIGNS, cause, telling, why_not_started

WRITTEN = Path(__file__).parent / "written"


def written(name: str) -> list[str]:
    lines, _ = split((WRITTEN / f"{name}.txt").read_bytes() + b"\n")
    return [line.text for line in lines if line.text and not line.passing]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unknown-flag", "does not know --gpu-memory-utilisation 0.5. Correct `launch.arguments`"),
        ("wrong-value", "does not take --kv-cache-dtype so: invalid choice: 'int3'. Correct `launch.arguments`."),
        ("no-folder", "The weights are not where they should be: /nowhere/llama. `ringfence models pull`"),
        ("no-weights", "There are no weights in /srv/models/bare. `ringfence models pull` gets them"),
        ("no-room", "The weights leave no memory for the KV cache. Raise `launch.share`"),
        ("socket-taken", "Another process has its socket or port."),
        ("asks-the-hub", "vLLM must not ask the hub for it. `ringfence models pull`"),
    ],
)
def test_a_real_crash_has_a_cause_and_a_remedy(name: str, words: str) -> None:
    assert words in cause(written(name), 1)


def test_a_start_that_went_well_shows_no_cause() -> None:
    assert cause(written("vllm-starts"), 0) == ""


def test_a_person_finds_the_first_error_in_what_is_kept() -> None:
    lines = written("no-weights")
    assert "Cannot find any model weights" not in "\n".join(lines[-50:])
    assert "Cannot find any model weights" in "\n".join(telling(lines)[-50:])


E = "(EngineCore pid=104) ERROR 05-05 12:36:59 [core.py:1510] "


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            E
            + "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 448.00 MiB. GPU 1 has a total capacity of "
            "44.39 GiB of which 132.31 MiB is free. Process 81 has 44.26 GiB memory in use.",
            "GPU 1 had 132.31 MiB of its 44.39 GiB left when 448.00 MiB more were needed. Lower `launch.share`",
        ),
        (
            E + "RuntimeError: CUDA out of memory occurred when warming up sampler with 256 dummy requests. Please try "
            "lowering `max_num_seqs` or `gpu_memory_utilization` when initializing the engine.",
            "A GPU's memory did not suffice.",
        ),
        (
            E + "ValueError: Free memory on device cuda:0 (3.22/44.39 GiB) on startup is less than desired GPU memory "
            "utilization (0.92, 40.84 GiB). Decrease GPU memory utilization or reduce GPU memory used by other "
            "processes.",
            "3.22 of 44.39 GiB are free, and 40.84 GiB were asked for (`launch.share` 0.92)",
        ),
        (
            E
            + "ValueError: To serve at least one request with the model's max seq len (131072), (16.0 GiB KV cache is "
            "needed, which is larger than the available KV cache memory (4.81 GiB). Based on the available memory, the "
            "estimated maximum model length is 39376. Try increasing `gpu_memory_utilization`",
            "needs 16.0 GiB of KV cache, and 4.81 GiB are left. Lower `launch.context` to 39376 or less",
        ),
        (
            E + "ValueError: To serve at least one request with the model's max seq len (8192), (1.0 GiB KV cache is "
            "needed, which is larger than the available KV cache memory (0.01 GiB). Try increasing",
            "Lower `launch.context`, or raise `launch.share`",
        ),
        (
            "RuntimeError: The NVIDIA driver on your system is too old (found version 12040). Please update your GPU "
            "driver",
            "it knows CUDA 12.4. Update the driver",
        ),
        (
            "  Value error, User-specified max_model_len (131072) is greater than the derived max_model_len "
            "(max_position_embeddings=8192 or model_max_length=None in model's config.json).",
            "The model reads 8192 tokens at most, and 131072 were asked for. Lower `launch.context`.",
        ),
        ("RuntimeError: No CUDA GPUs are available", "no GPU that it may use"),
        (E + "RuntimeError: CUDA error: uncorrectable ECC error encountered", "A GPU failed while it worked."),
        (
            "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): "
            "{'EngineCore_DP0': -9}",
            "Most likely the kernel killed it",
        ),
        (
            "engine chat: x.gguf is not a whole GGUF file. Pull it again.",
            "x.gguf is not a whole GGUF file. Pull it again.",
        ),
        (
            "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4096.00 MiB on device 0: cudaMalloc failed: "
            "out of memory",
            "A GPU's memory did not suffice.",
        ),
        ("/usr/bin/python3: No module named vllm", "vLLM is not installed where `launch.program` points to."),
        (
            "ModuleNotFoundError: No module named 'vllm.nothing'",
            "Its last error: No module named 'vllm.nothing'. `ringfence engines logs`",
        ),
        ("KeyError: 'invalid tool call parser: llama9'", "Its last error: 'invalid tool call parser: llama9'"),
    ],
)
def test_a_line_of_a_crash_is_put_in_plain_words(line: str, words: str) -> None:
    noise = ["INFO 11-21 20:46:39 [a.py:1] all is well", "Traceback (most recent call last):"]
    assert words in cause([*noise, line, "RuntimeError: Engine core initialization failed. See root cause above."], 1)


def test_a_warning_is_no_cause() -> None:
    line = "(APIServer pid=7) WARNING 11-21 20:46:39 [u.py:255] may cause errors like `OSError: [Errno 98] Address`"
    assert cause([line], 1) == ""


def test_a_kill_from_outside_is_the_kernels_unless_it_was_ours() -> None:
    assert "no memory left" in cause(["INFO all is well"], -signal.SIGKILL)
    assert cause(["INFO all is well"], 0) == ""


def test_what_cannot_be_started_says_what_to_set() -> None:
    assert "`launch.program`" in why_not_started("vllm", FileNotFoundError(2, "No such file or directory"))
    assert "may not be run" in why_not_started("/opt/vllm", PermissionError(13, "Permission denied"))


def test_each_cause_ends_with_a_remedy() -> None:
    assert all(
        sign.cause.endswith((".", "{said}")) and sign.cause.count(". ") for sign in SIGNS if "{said}" not in sign.cause
    )


@given(st.lists(st.text(max_size=200), max_size=20), st.integers(-64, 255))
def test_no_line_breaks_it(lines: list[str], code: int) -> None:
    assert isinstance(cause(lines, code), str)
