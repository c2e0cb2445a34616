"""Text of pictures, recognised by tesseract where it is installed: a program of the system, started for each page."""

import shutil
import subprocess

from ingest.content import Block, Spot
from ingest.readers import prose
from ingest.readers.file import Bounds

PROGRAM = "tesseract"
SURE = 30.0
"""Of 100: what tesseract is less sure of is noise, a logo or a photograph."""
MISSING = "tesseract is not installed (Debian, Ubuntu: apt install tesseract-ocr)"


def recognised(picture: bytes, page: int, bounds: Bounds) -> tuple[tuple[Block, ...], str]:
    """The blocks of a page and, when there are none, why. Raises nothing: a page may be lost, the others are not."""
    program = shutil.which(PROGRAM)
    if program is None:
        return (), MISSING
    command = [program, "stdin", "stdout", "-l", bounds.languages, "--psm", "3", "tsv"]
    try:
        # No timeout: it inherits our processor time, and who waits for us ends us with it.
        run = subprocess.run(  # noqa: S603 - a fixed program; the picture comes by its input
            command,
            input=picture,
            capture_output=True,
            check=False,
            env={"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"},
        )
    except OSError:
        return (), "tesseract could not be started"
    if run.returncode < 0:
        return (), "recognising it took too much time or memory"
    if run.returncode:
        return (), f"tesseract cannot read it, or lacks one of the languages {bounds.languages}"
    text = sure_text(run.stdout.decode("utf-8", errors="replace"))
    if not text:
        return (), "there is none in the picture"
    spot = Spot(page=page)
    return tuple(Block(kind=each.kind, text=each.text, spot=spot, level=each.level) for each in prose.blocks(text)), ""


def sure_text(table: str) -> str:
    """Of tesseract's table of words: lines, an empty one between paragraphs, without what is hardly sure."""
    lines: list[str] = []
    last: list[str] = []
    for row in table.split("\n")[1:]:
        cells = row.split("\t")
        if len(cells) < 12 or cells[0] != "5" or float(cells[10]) < SURE or not cells[11].strip():
            continue
        place = cells[1:5]
        if not last or place != last:
            if last and place[:3] != last[:3]:
                lines.append("")
            lines.append("")
            last = place
        lines[-1] = f"{lines[-1]} {cells[11]}".strip()
    return "\n".join(lines)
