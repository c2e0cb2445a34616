"""Each model of the shelf on the first of some machines that holds it, as the command that starts it.

`python -m tests.unit.inference.launches` writes the files in `launches` anew.
"""

from collections.abc import Iterator
from pathlib import Path

from inference.command import Command
from inference.launch import Launch, command
from models.fit import Case, Wish, best
from models.gpu import parse
from models.memory import Split
from models.shelf import Model, shelf

FOLDER = Path(__file__).with_name("launches")
MACHINES = ("l4", "l40s", "h100", "2xh100", "4xh100")
PACKAGE = Path(__file__).parents[3] / "models"


def launch(model: Model) -> Launch:
    fits = (best(model, parse(machine), Wish()) for machine in MACHINES)
    machine, fit = next((machine, fit) for machine, fit in zip(MACHINES, fits, strict=True) if fit.fits)
    build = next(build for build in model.builds if build.repository == fit.repository)
    case = Case(model, build, parse(machine), Split(fit.tensor, fit.pipeline), Wish())
    return Launch(
        case=case,
        devices=tuple(str(each) for each in range(case.split.gpus)),
        weights=Path("/srv/models") / build.repository,
        answers_at=Path("/srv/run") / f"{model.name}.sock",
        key="a-key",
        cache=Path("/srv/cache"),
    )


def text(started: Command) -> str:
    """The environment, then each flag with its values on a line."""
    return "".join(f"{line}\n" for line in _lines(started)).replace(str(PACKAGE), "models")


def _lines(started: Command) -> Iterator[str]:
    yield from (f"{name}={value}" for name, value in started.environment.items())
    line: list[str] = []
    for each in started.argv:
        if each.startswith("--") and line:
            yield " ".join(line)
            line = []
        line.append(each)
    yield " ".join(line)


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for model in shelf().values():
        (FOLDER / f"{model.name}.txt").write_text(text(command(launch(model))))


if __name__ == "__main__":
    write()
