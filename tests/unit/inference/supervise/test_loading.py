from itertools import groupby
from pathlib import Path

import pytest

from appliance.process import split
from inference.supervise.loading import progress

STARTS = Path(__file__).parent / "written" / "vllm-starts.txt"


def test_a_real_start_is_told_in_order() -> None:
    lines, _ = split(STARTS.read_bytes())
    told = [step for step, _ in groupby(filter(None, (progress(line.text) for line in lines)))]
    assert told == [
        "starting its processes",
        "loading weights",
        "loading weights 0%",
        "loading weights 100%",
        "making room for requests",
        "starting to answer",
    ]


# As vLLM 0.32 puts them together on a GPU.
@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "Loading safetensors checkpoint shards:  40% Completed | 2/5 [00:13<00:11,  2.87s/it]",
            "loading weights 40%",
        ),
        (
            "(Worker_TP0 pid=81) Loading safetensors using Runai Model Streamer:  75% Completed | 6/8 [00:01<00:00]",
            "loading weights 75%",
        ),
        ("Multi-thread loading shards: 100% Completed | 3/3 [00:02<00:00,  1.51it/s]", ""),
        (
            "(EngineCore pid=7) INFO 11-21 20:46:39 [weight_utils.py:1042] Prefetching checkpoint files: 30% (3/9)",
            "reading weights 30%",
        ),
        (
            "(Worker pid=7) INFO 11-21 20:46:39 [backends.py:1089] Using cache directory: "
            "/var/cache/vllm/torch_compile_cache/0a/rank_0_0/backbone for vLLM's torch.compile",
            "compiling",
        ),
        ("INFO 11-21 20:46:39 [backends.py:1148] Dynamo bytecode transform time: 8.52 s", "compiling"),
        (
            "(EngineCore pid=7) INFO 11-21 20:47:39 [gpu_worker.py:759] Available KV cache memory: 21.44 GiB",
            "making room for requests",
        ),
        (
            "Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  31%|###1      | 16/51 [00:01<00:02, 15.64it/s]",
            "capturing graphs 31%",
        ),
        ("Capturing CUDA graphs (FULL):   6%|6         | 2/35 [00:00<00:02, 14.12it/s]", "capturing graphs 6%"),
        ("JIT kernel warmup (12 compile keys):  50%|#####     | 6/12 [00:04<00:04]", "compiling kernels 50%"),
        ("(APIServer pid=7) INFO 11-21 20:46:45 [hf.py:648] Detected the chat template content format", ""),
        ("", ""),
    ],
)
def test_each_stage_has_its_words(line: str, told: str) -> None:
    assert progress(line) == told
