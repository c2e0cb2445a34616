"""Ctrl-C for this process alone, also when a program such as make started it in the foreground."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def own_terminal() -> Iterator[None]:
    """Make would get the same Ctrl-C and report a failure, however clean the drain.

    So this process becomes the terminal's foreground group, as a shell does with each job.
    """
    terminal = _terminal_of_a_parent()
    if terminal is None:
        yield
        return
    before = os.getpgrp()
    # Without these, handing the terminal back from the background would stop this process,
    # and Ctrl-Z would stop it with nobody there to continue it.
    for number in (signal.SIGTTOU, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(terminal, before)


def _terminal_of_a_parent() -> int | None:
    """The terminal, when this process is in its foreground group but does not lead it."""
    try:
        terminal = sys.stdin.fileno()
        in_foreground = os.tcgetpgrp(terminal) == os.getpgrp()
    except (OSError, ValueError):
        return None
    return terminal if in_foreground and os.getpgrp() != os.getpid() else None
