"""`python -m tests.integration.models.puller FOLDER URL CONNECTIONS [LEFT]`: a pull in a process of its own.

With LEFT it fills the disk, but for so many bytes, once the pull has seen that there is room.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from models.store import Store
from models.store.hub import Hub
from models.store.web import Web
from tests.integration.models.hub_server import REPOSITORY


class PrintingMeter:
    def __init__(self, disk: Path, left: int | None) -> None:
        self._disk = disk
        self._left = left

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def begin(self, total: int) -> None:
        print("begun", total, flush=True)
        if self._left is not None:
            with (self._disk / "filler").open("wb") as stream:
                os.posix_fallocate(stream.fileno(), 0, shutil.disk_usage(self._disk).free - self._left)

    def advance(self, done: int) -> None:
        return


def main() -> None:
    folder, url, connections = sys.argv[1:4]
    left = int(sys.argv[4]) if len(sys.argv) > 4 else None
    store = Store(Path(folder), int(connections))
    store.pull("tiny", Hub(Web(), url, REPOSITORY), PrintingMeter(Path(folder).parent, left))
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak is not None
    print("resident", int(peak[1]) << 10, flush=True)


if __name__ == "__main__":
    main()
