"""The time an analysis may take, also inside the regexes of its recognizers.

Presidio gives each regex 60 seconds, then logs a line and goes on without the pattern: what it would have found is
sent on in clear. Here the whole analysis has one deadline, and a text that is not done by then is refused. It is time
of the processor, as the scanner's: a busy machine is no reason to refuse.
"""

import copy
import threading
import time
from collections.abc import Iterator

import regex
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer

from appliance.errors import PrivacyUnavailable


class Clock(threading.local):
    """Each thread analyses against its own time."""

    def __init__(self) -> None:
        self._until = 0.0

    def start(self, seconds: float) -> None:
        self._until = time.thread_time() + seconds

    def left(self) -> float:
        return self._until - time.thread_time()

    def check(self) -> None:
        if self.left() <= 0:
            raise out_of_time()

    def watch(self, recognizer: EntityRecognizer) -> EntityRecognizer:
        """The recognizer with its regexes on this clock; the given one stays as it is."""
        if not isinstance(recognizer, PatternRecognizer):
            return recognizer
        watched = copy.copy(recognizer)
        watched.patterns = [self._timed(each, recognizer.global_regex_flags) for each in recognizer.patterns]
        return watched

    def _timed(self, pattern: Pattern, flags: int | None) -> Pattern:
        # With the flags it will be asked for, or Presidio compiles it anew.
        timed = copy.copy(pattern)
        timed.compiled_with_flags = flags
        timed.compiled_regex = TimedRegex(regex.compile(pattern.regex, flags=flags or 0), self)
        return timed


class TimedRegex:
    """In place of a compiled regex: raises where Presidio would skip."""

    def __init__(self, compiled: "regex.Pattern[str]", clock: Clock) -> None:
        self._compiled = compiled
        self._clock = clock

    def finditer(self, text: str, timeout: float) -> Iterator["regex.Match[str]"]:
        self._clock.check()
        try:
            # At once, so that Presidio's own code takes no time off it.
            yield from list(self._compiled.finditer(text, timeout=min(timeout, self._clock.left())))
        except TimeoutError:
            raise out_of_time() from None


def out_of_time() -> PrivacyUnavailable:
    return PrivacyUnavailable(
        "Presidio's recognizers did not finish with a text in time, so it is refused. "
        "Send less text, simplify the recognizer's regex, or raise the deadline."
    )
