"""Why an engine ended, in plain words with the remedy, out of its last lines. Pure.

What breaks first in vLLM is said long before the end: each process above tells its whole way to it again.
"""

import re
import signal
from collections.abc import Iterable, Sequence
from typing import NamedTuple

# `(EngineCore pid=31950) ERROR 11-21 20:51:05 [core.py:1510] `
PREFIX = re.compile(r"^(?:\([\w -]+ pid=\d+\) )?(?:(?:DEBUG|INFO|ERROR|CRITICAL) [\d-]+ [\d:]+ \[[\w.]+:\d+\] ?)?")
WARNING = re.compile(r"^(?:\([\w -]+ pid=\d+\) )?WARNING ")
ERROR = re.compile(r"^(?:\w+\.)*(?:[A-Z]\w*(?:Error|Exception|Exit|Interrupt)): (?P<said>\S.*)")
FIT = "`ringfence models fit` shows what fits."
OUT_OF_MEMORY = (
    "Most likely the kernel killed it, for the machine had no memory left (`dmesg` tells). "
    "Give the machine more, or run a smaller model."
)


class Sign(NamedTuple):
    pattern: re.Pattern[str]
    cause: str


def _sign(pattern: str, cause: str) -> Sign:
    return Sign(re.compile(pattern), cause)


# The first that fits any line; the more a sign tells, the earlier it stands.
SIGNS = (
    _sign(
        r"Free memory on device.* \((?P<free>[\d.]+)/(?P<all>[\d.]+) GiB\) on startup is less than desired GPU memory "
        r"utilization \((?P<share>[\d.]+), (?P<wanted>[\d.]+) GiB\)",
        "Something else holds the GPU's memory: {free} of {all} GiB are free, and {wanted} GiB were asked for "
        "(`launch.share` {share}). End what holds it (`nvidia-smi` names it), or lower `launch.share`.",
    ),
    _sign(
        r"max seq len \((?P<tokens>\d+)\), \((?P<needed>[\d.]+) GiB KV cache is needed, .* available KV cache memory "
        r"\((?P<left>[\d.]+) GiB\)\. .*the estimated maximum model length is (?P<most>\d+)",
        "One request of {tokens} tokens needs {needed} GiB of KV cache, and {left} GiB are left. "
        "Lower `launch.context` to {most} or less, or raise `launch.share`.",
    ),
    _sign(
        r"max seq len \((?P<tokens>\d+)\), \((?P<needed>[\d.]+) GiB KV cache is needed, .* available KV cache memory "
        r"\((?P<left>[\d.]+) GiB\)",
        "One request of {tokens} tokens needs {needed} GiB of KV cache, and {left} GiB are left. "
        "Lower `launch.context`, or raise `launch.share`; " + FIT,
    ),
    _sign(
        r"No available memory for the cache blocks|No free blocks available",
        "The weights leave no memory for the KV cache. Raise `launch.share`, or choose a smaller precision; " + FIT,
    ),
    _sign(
        r"CUDA out of memory\. Tried to allocate (?P<wanted>[\d.]+ \w+)\. (?P<gpu>GPU \d+) has a total capacity of "
        r"(?P<all>[\d.]+ \w+) of which (?P<free>[\d.]+ \w+) is free",
        "{gpu} had {free} of its {all} left when {wanted} more were needed. "
        "Lower `launch.share` or `launch.context`, or choose a smaller precision; " + FIT,
    ),
    _sign(
        r"CUDA out of memory|cudaMalloc failed: out of memory|OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED",
        "A GPU's memory did not suffice. "
        "Lower `launch.share` or `launch.context`, or choose a smaller precision; " + FIT,
    ),
    _sign(
        r"User-specified max_model_len \((?P<asked>\d+)\) is greater than the derived max_model_len \(.*?(?P<most>\d+)",
        "The model reads {most} tokens at most, and {asked} were asked for. Lower `launch.context`.",
    ),
    _sign(
        r"Cannot find any model weights with `(?P<folder>[^`]+)`",
        "There are no weights in {folder}. `ringfence models pull` gets them, or set `launch.weights`.",
    ),
    _sign(
        r"HFValidationError: Repo id must be .*: '(?P<folder>[^']+)'|"
        r"Invalid repository ID or local directory specified: '(?P<other>[^']+)'",
        "The weights are not where they should be: {folder}{other}. "
        "`ringfence models pull` gets them, or set `launch.weights`.",
    ),
    _sign(
        r"SafetensorError|safetensors_rust\.|MetadataIncompleteBuffer|HeaderTooLarge",
        "A file of the weights is damaged. `ringfence models verify` names it; pull that model again.",
    ),
    _sign(
        r"outgoing traffic has been disabled|offline mode is enabled|OfflineModeIsEnabled|LocalEntryNotFoundError|"
        r"Cannot access gated repo|[Cc]ouldn't connect to 'https?://huggingface",
        "A file of the model is not here, and vLLM must not ask the hub for it. "
        "`ringfence models pull` gets the model, `ringfence models verify` names what lacks.",
    ),
    _sign(
        r"Address already in use|Errno 98",
        "Another process has its socket or port. End it, or take `--port` and `--uds` out of `launch.arguments`.",
    ),
    _sign(
        r"NVIDIA driver on your system is too old \(found version (?P<major>\d+?)0(?P<minor>\d)0\)",
        "The NVIDIA driver is too old for this vLLM: it knows CUDA {major}.{minor}. "
        "Update the driver, or install the build of vLLM for that CUDA.",
    ),
    _sign(
        r"NVIDIA driver on your system is too old|CUDA driver version is insufficient",
        "The NVIDIA driver is too old for this vLLM. Update it (`nvidia-smi` tells its version).",
    ),
    _sign(
        r"Found no NVIDIA driver|No CUDA GPUs are available|libcuda\.so\.1: cannot open|no CUDA-capable device|"
        r"Failed to infer device type",
        "It found no GPU that it may use. Check that `nvidia-smi` lists them, and `launch.gpus`.",
    ),
    _sign(
        r"no kernel image is available for execution|only supported on GPUs with compute capability",
        "This vLLM does not run on this kind of GPU as it is asked to. "
        "Choose another precision, or a build of vLLM for it.",
    ),
    _sign(
        r"uncorrectable ECC error|CUDA error: (?:unspecified launch failure|an illegal memory access)|GPU is lost",
        "A GPU failed while it worked. `ringfence engines list` tells whether it was set aside; `dmesg` names the XID.",
    ),
    _sign(
        r"NCCL error|ncclSystemError|ncclUnhandledCudaError|ncclInternalError",
        "Its GPUs cannot speak to each other. Set NCCL_DEBUG=INFO in `launch.environment` and see its log; "
        "in a container /dev/shm must be large.",
    ),
    _sign(
        r"unable to mmap|insufficient shared memory|Bus error",
        "Shared memory did not suffice. Make /dev/shm larger; 8 GB do for most.",
    ),
    _sign(r"No space left on device", "A disk is full. Make room in `paths.var` and in /tmp."),
    _sign(
        r"error: unrecognized arguments: (?P<flags>.+)",
        "This vLLM does not know {flags}. Correct `launch.arguments`, or install the version that the manual names.",
    ),
    _sign(
        r"error: argument (?P<flag>-[\w/-]+): (?P<why>[^(]*[^ (])",
        "vLLM does not take {flag} so: {why}. Correct `launch.arguments`.",
    ),
    _sign(
        r"No module named '?vllm'?$",
        "vLLM is not installed where `launch.program` points to. Install it there, or correct the setting.",
    ),
    # Our own child says what is wrong and what to do.
    _sign(r"^engine \S+: (?P<said>.+)", "{said}"),
    _sign(r"Failed core proc\(s\): \{[^}]*: -9\b|died unexpectedly \(exit code: -9\)", OUT_OF_MEMORY),
)


def cause(lines: Sequence[str], code: int) -> str:
    """Empty where the lines do not tell. `code` is its exit status, or 0 when we ended it."""
    told = [PREFIX.sub("", line, count=1) for line in lines if not WARNING.match(line)]
    for sign in SIGNS:
        for line in told:
            if found := sign.pattern.search(line):
                return sign.cause.format_map({name: text or "" for name, text in found.groupdict().items()})
    if code == -signal.SIGKILL:
        return OUT_OF_MEMORY
    said = [found["said"] for line in told if (found := ERROR.match(line)) and "root cause" not in line]
    return (
        f"Its last error: {said[-1].rstrip('.')}. `ringfence engines logs` shows how it came to that." if said else ""
    )


def why_not_started(program: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no program {program}. Install it, or set `launch.program` to where it is."
    if isinstance(error, PermissionError):
        return f"{program} may not be run. Make it executable, or correct `launch.program`."
    return ""


def telling(lines: Iterable[str]) -> list[str]:
    """Without the inner lines of tracebacks, which hide what people look for."""
    return [line for line in lines if not PREFIX.sub("", line, count=1).startswith(('  File "', "    "))]
