"""`python -m tests.integration.models.importer FOLDER KEY PART...`: an import in a process of its own."""

import re
import sys
from pathlib import Path

from models import bundle
from models.store import Store
from tests.integration.models.puller import PrintingMeter


def main() -> None:
    folder, key, *parts = map(Path, sys.argv[1:])
    store, meter = Store(folder), PrintingMeter(folder, None)
    with bundle.open_bundle(parts, [bundle.read_public(key)]) as opened:
        bundle.check(opened, store.blobs, meter)
        bundle.bring(opened, store, meter)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert peak is not None
    print("resident", int(peak[1]) << 10, flush=True)


if __name__ == "__main__":
    main()
