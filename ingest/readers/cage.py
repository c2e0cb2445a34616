"""What a process that reads files of strangers can no longer do: take memory, write files, reach the network."""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from typing import Any

from appliance.errors import ConfigError

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2

LOAD, JUMP_EQUAL, JUMP_SET, JUMP_ABOVE, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
ALLOW = 0x7FFF0000
DENY = 0x00050000 | errno.EPERM
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16
X32 = 0x40000000
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# Of each kind of processor: its name in the kernel, the calls that are denied, and those that open files with the
# argument that says how. Network, changes of the file system, other processes, ways around the filter.
DENIED = {
    "x86_64": (
        0xC000003E,
        (
            *(41, 42, 43, 49, 50, 53, 62, 76, 82, 83, 84, 85, 86, 87, 88, 90, 92, 94, 101, 132, 133, 165, 235, 258),
            *(259, 260, 261, 263, 264, 265, 266, 268, 280, 288, 310, 311, 316, 321, 424, 425, 437, 452),
        ),
        ((2, 1), (257, 2)),
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(33, 34, 35, 36, 37, 38, 40, 45, 53, 54, 88, 117, 129, 198, 199, 200, 201, 202, 203, 242, 270, 271),
            *(276, 280, 424, 425, 437, 452),
        ),
        ((56, 2),),
    ),
}


def lock(memory: int) -> None:
    """From here on, for this process and those that it starts."""
    _die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(_deny)
    if sys.platform == "linux" and platform.machine() in DENIED:
        _filter(*DENIED[platform.machine()])


def allow_time(seconds: float) -> None:
    """Of the processor, from now on; when it is spent the kernel ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _deny(event: str, arguments: tuple[Any, ...]) -> None:
    """Where there is no filter of the kernel, Python itself still refuses."""
    if event in ("socket.__new__", "socket.connect", "socket.getaddrinfo"):
        raise PermissionError(errno.EPERM, "a reader has no network")


def _filter(architecture: int, denied: tuple[int, ...], opens: tuple[tuple[int, int], ...]) -> None:
    program = _program(architecture, denied, opens)
    code = b"".join(struct.pack("=HBBI", *each) for each in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, described, 0, 0):
        raise ConfigError(f"No filter was accepted ({os.strerror(ctypes.get_errno())}). Allow seccomp filters.")


def _program(
    architecture: int, denied: tuple[int, ...], opens: tuple[tuple[int, int], ...]
) -> list[tuple[int, int, int, int]]:
    """For the kernel's packet filter: instruction, steps ahead when true, when false, value."""
    program = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (JUMP_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, DENY),
        (LOAD, 0, 0, NUMBER_AT),
        (JUMP_ABOVE, 0, 1, X32),
        (RETURN, 0, 0, DENY),
    ]
    for number in denied:
        program += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, DENY)]
    for number, argument in opens:
        program += [
            (JUMP_EQUAL, 0, 4, number),
            (LOAD, 0, 0, ARGUMENTS_AT + 8 * argument),
            (JUMP_SET, 0, 1, WRITES),
            (RETURN, 0, 0, DENY),
            (RETURN, 0, 0, ALLOW),
        ]
    return [*program, (RETURN, 0, 0, ALLOW)]


def _die_with_parent() -> None:
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)
