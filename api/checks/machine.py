"""The machine under the appliance: Python, folders, secrets, disk, port, clock."""

import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from api.checks.finding import Finding, fail, ok, warn
from api.serve import running
from api.sockets import ensure_free
from appliance.errors import ConfigError
from appliance.settings import Server, Settings

OLDEST_PYTHON = (3, 11)
LEAST_BYTES = 1 << 30
SCARCE_BYTES = 5 << 30
OTHERS = 0o077
SECRETS = ("identity.pepper", "audit.key", "admin.key", "engine.key")
CLOCK_SLACK_SECONDS = 60.0


def examine_machine(settings: Settings) -> Iterator[Finding]:
    var = settings.paths.var
    yield python(sys.version_info[:2])
    yield folder(var)
    yield from secrets(settings)
    yield disk(var, shutil.disk_usage(_existing(var)).free)
    yield port(settings.server, running(var / "run"))
    yield clock(var, time.time())


def python(version: tuple[int, ...]) -> Finding:
    text = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return fail("python", text, "Install Python 3.11 or newer.")
    return ok("python", text)


def folder(var: Path) -> Finding:
    if not var.is_dir():
        return fail("var", f"{var.absolute()} is not there", "Run `ringfence init`.")
    if not os.access(var, os.R_OK | os.W_OK | os.X_OK):
        return fail("var", f"{var.absolute()} cannot be written", "Let the user that runs Ringfence own it.")
    if var.stat().st_mode & OTHERS:
        return warn("var", f"{var.absolute()} is open to other users", f"Run `chmod 700 {var}`.")
    return ok("var", str(var.absolute()))


def secrets(settings: Settings) -> Iterator[Finding]:
    given = {"identity.pepper": settings.identity.pepper, "audit.key": settings.audit.key}
    for name in SECRETS:
        file = settings.paths.var / name
        if given.get(name):
            yield ok(name, "given by a setting")
        elif not file.exists():
            if name in given:
                yield fail(name, f"{file} is not there", "Run `ringfence init`, or restore it from a backup.")
        elif file.stat().st_mode & OTHERS:
            mode = stat.filemode(file.stat().st_mode)
            yield fail(name, f"{file} can be read by others ({mode})", f"Run `chmod 600 {file}`.")
        else:
            yield ok(name, "readable by its owner alone")


def disk(var: Path, free: int) -> Finding:
    text = f"{free / (1 << 30):.1f} GiB free under {var.absolute()}"
    remedy = "Free some space, or move paths.var: a full disk stops the audit ledger, and so all requests."
    if free < LEAST_BYTES:
        return fail("disk", text, remedy)
    if free < SCARCE_BYTES:
        return warn("disk", text, remedy)
    return ok("disk", text)


def port(server: Server, process: int | None) -> Finding:
    where = f"{server.host}:{server.port}"
    if process is not None:
        return ok("port", f"{where} is served by this appliance (process {process})")
    try:
        ensure_free(server)
    except ConfigError as error:
        problem, _, remedy = error.message.partition(". ")
        return fail("port", problem, remedy)
    return ok("port", f"{where} is free")


def clock(var: Path, now: float) -> Finding:
    """Tokens, limits and the ledger are wrong when the clock is. It cannot be before what was written."""
    newest = max((file.stat().st_mtime for file in _existing(var).iterdir()), default=0.0)
    if newest > now + CLOCK_SLACK_SECONDS:
        behind = f"the clock is {newest - now:.0f} s behind files in {var}"
        return fail("clock", behind, "Set the clock, and keep it right with NTP.")
    return ok("clock", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))


def _existing(folder: Path) -> Path:
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
