"""How a long task goes, on standard error: a line that changes on a terminal, a line now and then elsewhere."""

import sys
import threading
import time

import click

from models.store.disk import shown

TERMINAL_SECONDS, LOG_SECONDS = 0.2, 15.0


class TerminalMeter:
    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._total = self._done = 0
        self._begun = self._shown = time.monotonic()

    def say(self, text: str) -> None:
        with self._lock:
            self._wipe()
            click.echo(text, err=True)

    def begin(self, total: int) -> None:
        with self._lock:
            self._total, self._done = total, 0
            self._begun = self._shown = time.monotonic()

    def advance(self, done: int) -> None:
        with self._lock:
            self._done += done
            now, wait = time.monotonic(), TERMINAL_SECONDS if self._terminal else LOG_SECONDS
            if now - self._shown >= wait:
                self._shown = now
                self._wipe()
                click.echo(self._line(now), err=True, nl=not self._terminal)

    def end(self) -> None:
        with self._lock:
            self._wipe()

    def _wipe(self) -> None:
        if self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)

    def _line(self, now: float) -> str:
        pace = self._done / max(now - self._begun, 0.001)
        left = (self._total - self._done) / max(pace, 1)
        share = self._done / max(self._total, 1)
        return f"{shown(self._done)} of {shown(self._total)}, {share:.0%}, {shown(pace)}/s, {left:.0f} s to go"
