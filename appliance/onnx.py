"""Runs small models on the CPU; the only importer of ONNX Runtime."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.errors import EngineFailed, ModelError

PROVIDERS = ["CPUExecutionProvider"]
ONLY_ERRORS = 3


class _Session(Protocol):
    """What is used of `onnxruntime.InferenceSession`."""

    def run(self, outputs: None, given: dict[str, NDArray[np.int64]], /) -> Sequence[NDArray[np.float32]]: ...

    def get_modelmeta(self) -> Any: ...


class Model:
    """A graph of ours in memory: `input_ids` in, one tensor out.

    Any number of threads may run it at once: a run lets go of the GIL."""

    def __init__(self, session: _Session) -> None:
        self._session = session
        self.metadata: Mapping[str, str] = session.get_modelmeta().custom_metadata_map

    def run(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """`ids`: (batch, length)."""
        try:
            return self._session.run(None, {"input_ids": ids})[0]
        except Exception as error:  # ONNX Runtime's errors have no base of their own
            raise EngineFailed("A model on the CPU failed. Try again; restart if it lasts.") from error


def load(weights: Path, remedy: str) -> Model:
    # It takes 60 MB and a good part of a second, so only those who need it pay for it.
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    # A thread of ours for each text is worth more than two threads for one.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # It would keep what the longest text ever took.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = ONLY_ERRORS
    try:
        return Model(onnxruntime.InferenceSession(str(weights), options, providers=PROVIDERS))
    except Exception as error:  # as above
        raise ModelError(f"{weights}: the model cannot be loaded: {error}. {remedy}") from error
