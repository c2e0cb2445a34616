"""A writer to be killed: puts, replaces and deletes documents, and says so only when each is done."""

import asyncio
import sys
from pathlib import Path

from ingest.embedded import EmbeddedIndex
from tests.integration.ingest.shelf import TENANT, direction, document, stored


def texts(number: int, version: int) -> list[str]:
    return [f"router words n{number} v{version} p{place}" for place in range(1 + number % 5)]


async def main(folder: Path, start: int) -> None:
    index = EmbeddedIndex(folder)
    for number in range(start, start + 10_000):
        name = f"d{number % 12:02}"
        if number % 7 == 6:
            await index.delete(TENANT, [name])
            print(f"{name} 0", flush=True)
            continue
        of = document(name, version=number)
        made = texts(number, number)
        vectors = [direction(1, number % 12, place) for place in range(len(made))]
        await index.put_all(TENANT, [stored(of, *made, vectors=vectors)])
        print(f"{name} {number}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
