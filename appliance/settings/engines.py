"""The engines: what produces tokens, where it runs, and how it is started where we start it."""

from pathlib import Path
from typing import Annotated, Literal

from appliance.settings.privacy import Place
from appliance.settings.section import (
    Connections,
    Count,
    Layers,
    Name,
    Processes,
    Seconds,
    Section,
    Share,
    Slots,
    Tokens,
    about,
)

EVERYBODY = "*"


class AdapterSettings(Section, frozen=True):
    """A LoRA: small weights on top of a model, served as a model of its own."""

    name: Annotated[Name, about("The model id that callers use.")]
    folder: Annotated[Path, about("Where `adapter_config.json` and `adapter_model.safetensors` are.")]
    tenants: Annotated[
        tuple[str, ...], about('Tenants that may use it, or `["*"]` for all: an adapter can tell what it was taught.')
    ]


class LaunchSettings(Section, frozen=True):
    model: Annotated[
        str, about("A model of the shelf (`ringfence models list`), which Ringfence starts and keeps running here.")
    ] = ""
    precision: Annotated[
        Literal["", "bf16", "fp8", "int4"], about("Of its weights; empty: the highest that fits the GPUs.")
    ] = ""
    weights: Annotated[
        str, about("Their folder, or their name in the store (`ringfence models pull`); empty: the model's name.")
    ] = ""
    program: Annotated[
        tuple[str, ...], about("What runs vLLM, in an environment of its own, such as `/opt/vllm/bin/vllm serve`.")
    ] = ("vllm", "serve")
    gpus: Annotated[
        tuple[str, ...],
        about("Numbers (as in nvidia-smi) or UUIDs of its GPUs; empty: as many as it needs of the free."),
    ] = ()
    card: Annotated[
        str, about("What each GPU is, as in `ringfence models fit --gpus`; empty: what the driver says.")
    ] = ""
    share: Annotated[Share, about("Of each GPU's memory that it may take; less where two engines share one.")] = 0.92
    context: Annotated[Tokens, about("Tokens of the longest request; 0: 8,192, or what the model knows.")] = 0
    requests: Annotated[Slots, about("Requests of that length that must find room at once.")] = 1
    fp8_cache: Annotated[bool, about("Keep the KV cache in 8 bits.")] = False
    waiting: Annotated[Count, about("Requests that may wait in it; the next one is told to come again.")] = 256
    arguments: Annotated[tuple[str, ...], about("Further flags of `vllm serve`; they prevail.")] = ()
    environment: Annotated[dict[str, str], about("Further variables of its process, such as those of NCCL.")] = {}
    start_seconds: Annotated[Seconds, about("Longest time until it answers: compiling can take half an hour.")] = 3600.0
    drain_seconds: Annotated[Seconds, about("How long requests may take to end before it is stopped or swapped.")] = (
        120.0
    )
    restarts: Annotated[
        Count, about("Quick crashes in a row after which it stays down until `ringfence engines start`.")
    ] = 5
    adapters: Annotated[tuple[AdapterSettings, ...], about("LoRA adapters that are loaded from the start.")] = ()
    adapter_slots: Annotated[Processes, about("Adapters it can hold at once, also those loaded later; 0: none.")] = 0
    adapter_rank: Annotated[
        Literal[8, 16, 32, 64, 128, 256, 320, 512], about("Largest rank of an adapter; a larger one takes more memory.")
    ] = 16


class EngineSettings(Section, frozen=True):
    name: Annotated[Name, about("A name of your own for it, in logs and metrics.")]
    kind: Annotated[
        Literal["llamacpp", "vllm"],
        about("`llamacpp` starts a child process here; `vllm` starts one by `launch`, or speaks to servers by `urls`."),
    ]
    place: Annotated[
        Place,
        about(
            "vllm: `on_site` where its texts stay yours, `cloud` where they do not: such an engine gets what "
            "`privacy.policy.cloud` lets out, and only what no engine on site can take."
        ),
    ] = "on_site"
    models: Annotated[
        tuple[str, ...],
        about(
            "Names it answers to; empty: what the engine says (vllm), the model's name (launch), the file's name "
            "(llamacpp)."
        ),
    ] = ()
    urls: Annotated[tuple[str, ...], about("vllm: the servers, such as `http://10.0.0.5:8000`.")] = ()
    discover: Annotated[
        str,
        about(
            "vllm: instead of `urls`, a name whose addresses are the servers, such as `http://vllm-headless:8000`; "
            "it is looked up again every few seconds."
        ),
    ] = ""
    launch: Annotated[LaunchSettings, about("vllm: how it is started here, instead of `urls`.")] = LaunchSettings()
    key: Annotated[str, about("vllm: the API key of `urls`; one that is started here gets its own.", secret=True)] = ""
    upstream_model: Annotated[str, about("vllm: the model's name there, when it is another than ours.")] = ""
    weights: Annotated[
        str, about("llamacpp: a GGUF file, or the name of a model with one (`ringfence models list`).")
    ] = ""
    context: Annotated[Tokens, about("llamacpp: context in tokens for each slot; 0 takes the model's own.")] = 0
    slots: Annotated[Slots, about("llamacpp: requests that run at once.")] = 4
    threads: Annotated[Processes, about("llamacpp: CPU threads; 0 takes all cores but one, which the API needs.")] = 0
    gpu_layers: Annotated[Layers, about("llamacpp: layers on the GPU.")] = 0
    embeds: Annotated[bool, about("The model makes embeddings and no text.")] = False
    connections: Annotated[Connections, about("Most requests a worker has open to it at once.")] = 4096
    connect_seconds: Annotated[Seconds, about("Longest wait for a connection.")] = 3.0
    silence_seconds: Annotated[
        Seconds, about("Longest wait for the next bytes of an answer; one that is not streamed comes in one piece.")
    ] = 600.0
    stuck_seconds: Annotated[
        Seconds,
        about(
            "With requests running and no progress for this long, it counts as hung; one that runs here is replaced."
        ),
    ] = 30.0
    hold_seconds: Annotated[
        Seconds, about("launch: how long requests wait for a model that is swapped in place, before they get 503.")
    ] = 900.0
    hold_requests: Annotated[
        Count, about("launch: requests that a worker lets wait so; the next one gets 503 at once.")
    ] = 128  # four workers: as many as vLLM takes at once by default


STARTER_ENGINES = (
    EngineSettings(name="starter", kind="llamacpp", weights="smollm2-135m-instruct", context=4096),
    EngineSettings(name="embedder", kind="llamacpp", weights="all-minilm-l6-v2", embeds=True, slots=2),
)
