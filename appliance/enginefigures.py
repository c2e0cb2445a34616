"""What the supervisor knows of the engines that run here: it leaves it in a file, and every process shows it."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

FILE = "engines.json"


class EngineFigures(Struct, frozen=True, kw_only=True):
    engine: str
    state: str
    restarts: int = 0
    """Processes that were started again after they had ended by themselves."""
    start_seconds: float | None = None
    """What the last start took, until it served."""
    swaps: Mapping[str, int] = {}
    """By outcome: `done`, `refused`."""


def write(folder: Path, figures: tuple[EngineFigures, ...]) -> None:
    """Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{FILE}.new"
    draft.write_bytes(msgspec.json.encode(figures))
    draft.replace(folder / FILE)


def read(folder: Path) -> tuple[EngineFigures, ...]:
    """Nothing where no supervisor has said anything."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=tuple[EngineFigures, ...])
    except (OSError, msgspec.DecodeError):
        return ()
