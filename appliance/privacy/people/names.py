"""Names and addresses of people, found by a small model on the CPU; the only importer of ONNX Runtime."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import thread_time
from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from appliance.errors import ModelError, PrivacyUnavailable
from appliance.privacy.people.doubts import Doubts
from appliance.privacy.people.gate import Gate, phrases
from appliance.privacy.people.introductions import Introductions
from appliance.privacy.people.namelabels import LABELS, Said, spans
from appliance.privacy.people.sentences import sentences, windows
from appliance.privacy.span import Span
from appliance.privacy.wordpiece import Word, WordPiece

# The model reads 512 pieces, and best about 480 characters.
WINDOW_PIECES = 120
OVERLAP_WORDS = 16
OUTSIDE = "O"
RECOGNIZER = "rampart"
PROVIDERS = ["CPUExecutionProvider"]
ONLY_ERRORS = 3


class Care(Struct, frozen=True):
    threshold: float = 0.5
    """How likely a word must be a name, an address or a number of theirs."""
    capital: float = 0.1
    """The same of a word that is written with a capital."""
    seconds: float = 2.0
    """Processor time that one text may take; then it is refused."""


class Session(Protocol):
    """What is used of `onnxruntime.InferenceSession`."""

    def run(self, outputs: None, given: dict[str, NDArray[np.int64]], /) -> Sequence[NDArray[np.float32]]: ...

    def get_modelmeta(self) -> Any: ...


class Rampart:
    """Weights and vocabulary in memory. Any number of threads may call it at once: a run lets go of the GIL."""

    def __init__(self, weights: Path, gate: Gate, care: Care) -> None:
        self._session = _session(weights)
        told = self._session.get_modelmeta().custom_metadata_map
        self._words = WordPiece(told["vocabulary"].split("\n"))
        self._labels = _Labels(json.loads(told["labels"]))
        self._gate = gate
        self._introductions = Introductions(phrases("introductions"), gate.is_plain)
        self._doubts = Doubts(gate)
        self._care = care

    def find(self, text: str) -> list[Span]:
        until = thread_time() + self._care.seconds
        wanted = (part for start, end in sentences(text) for part in self._gate.parts(text, start, end))
        read = (self._read(text, *part) for part in wanted)
        said, is_read = list[Said](), False
        for window in windows(read, WINDOW_PIECES, OVERLAP_WORDS):
            self._hold(until)
            said += self._label(text, window)
            is_read = True
        for word in self._introductions.names(text) if is_read else ():
            self._hold(until)
            said.append(word)
        return self._doubts.settled(text, spans(text, said, RECOGNIZER))

    def _hold(self, until: float) -> None:
        if thread_time() > until:
            raise PrivacyUnavailable(f"Names were not found out within {self._care.seconds:g} s. Send a shorter text.")

    def _read(self, text: str, start: int, end: int) -> list[Word]:
        words = self._words.words(text[start:end])
        return [Word(word.start + start, word.end + start, word.pieces) for word in words]

    def _label(self, text: str, window: Sequence[Word]) -> Iterator[Said]:
        """A word is judged by the mean of its pieces, so that none is masked in part."""
        pieces = [piece for word in window for piece in word.pieces]
        given = np.array([[self._words.begin, *pieces, self._words.end]], np.int64)
        (logits,) = self._run(given)
        sizes = np.array([len(word.pieces) for word in window])
        chances = self._labels.chances(logits[0, 1:-1])
        by_word = np.add.reduceat(chances, np.cumsum(sizes) - sizes, axis=0) / sizes[:, None]
        # The model reads small letters only: that a name is written with a capital is news to it.
        is_name = [_has_capital(text[word.start : word.end]) for word in window]
        least = np.where(is_name, self._care.capital, self._care.threshold)
        for index in np.flatnonzero(1 - by_word[:, 0] > least).tolist():
            label, score = self._labels.best(by_word[index])
            score = max(score, self._care.threshold) if is_name[index] else score
            yield Said(window[index].start, window[index].end, label, score)

    def _run(self, given: NDArray[np.int64]) -> Sequence[NDArray[np.float32]]:
        try:
            return self._session.run(None, {"input_ids": given})
        except Exception as error:  # ONNX Runtime's errors have no base of their own
            raise PrivacyUnavailable("The model that finds names failed. Try again; restart if it lasts.") from error


def _has_capital(word: str) -> bool:
    return word.isalpha() and word[0].isupper() and word[1:].islower()


class _Labels:
    """The model's labels begin with B- or I-, and several mean one type; their chances add up."""

    def __init__(self, told: Sequence[str]) -> None:
        self._names = [OUTSIDE, *LABELS]
        self._merge = np.zeros((len(told), len(self._names)), np.float32)
        for row, label in enumerate(told):
            self._merge[row, self._names.index(label.removeprefix("B-").removeprefix("I-"))] = 1
        types = [LABELS[name].type for name in LABELS]
        self._same = np.array([[one == other for other in types] for one in types], np.float32)

    def chances(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of each name, for each piece; the first is that it is nothing."""
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        merged: NDArray[np.float32] = (raised @ self._merge) / raised.sum(axis=1, keepdims=True)
        return merged

    def best(self, chances: NDArray[np.float32]) -> tuple[str, float]:
        """The likeliest label of the likeliest type, and how likely that type is."""
        by_type = self._same @ chances[1:]
        leads = np.where(by_type == by_type.max(), chances[1:], 0)
        return self._names[int(leads.argmax()) + 1], float(by_type.max())


def _session(weights: Path) -> Session:
    # It takes 60 MB and a good part of a second, so only those who switch names on pay for it.
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
        session: Session = onnxruntime.InferenceSession(str(weights), options, providers=PROVIDERS)
    except Exception as error:  # as above
        raise ModelError(
            f"{weights}: the model that finds names cannot be loaded: {error}. "
            'Fetch it with `ringfence models pull rampart`, or set `privacy.names = "off"`.'
        ) from error
    return session
