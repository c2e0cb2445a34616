"""Room on the disk: looked at before anything is written, and given back when it runs out all the same."""

import errno
import shutil
from pathlib import Path

from appliance.errors import ModelError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
RESERVE = 64 << 20
"""Stays free: databases and logs need room too."""
UNITS = ("B", "kB", "MB", "GB", "TB")


def check_space(folder: Path, needed: int, what: str) -> None:
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    if needed and needed + RESERVE > free:
        raise ModelError(
            f"{what} needs {shown(needed)} more in {folder}, and {shown(free)} are free ({shown(RESERVE)} of them stay "
            "so). Free space, or set paths.var to a larger disk."
        )


def shown(size: float) -> str:
    for unit in UNITS[:-1]:
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} {UNITS[-1]}"
