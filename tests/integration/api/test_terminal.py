"""Ctrl-C under make, on a real pseudo-terminal."""

import fcntl
import os
import select
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

SERVER = """\
import signal
from api.terminal import own_terminal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
with own_terminal():
    print("ready", flush=True)
    signal.sigwait({signal.SIGINT})
    print("drained", flush=True)
"""
CTRL_C = b"\x03"


def read_until(terminal: int, words: bytes, seconds: float = 20.0) -> None:
    said, deadline = b"", time.monotonic() + seconds
    while words not in said:
        readable, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert readable, f"the terminal shows only {said!r}"
        said += os.read(terminal, 1024)


def run_in_terminal(folder: Path, *command: str) -> tuple[subprocess.Popen[bytes], int]:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )
    os.close(theirs)
    return process, ours


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_reports_success_after_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "Makefile").write_text(f"up:\n\t@true\n\t@exec {sys.executable} server.py\n")
    process, terminal = run_in_terminal(tmp_path, "make", "up")
    try:
        read_until(terminal, b"ready")
        os.write(terminal, CTRL_C)
        read_until(terminal, b"drained")
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def test_without_a_terminal_nothing_is_taken(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, str(tmp_path / "server.py")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert os.getpgid(process.pid) == os.getpgrp()
        process.terminate()
