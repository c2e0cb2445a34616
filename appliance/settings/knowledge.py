"""The settings of knowledge: how the ISP's documents are read and kept."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from appliance.settings.section import Positive, Processes, Seconds, Section, about

Memory = Annotated[int, Meta(ge=256 << 20, le=64 << 30)]
Readers = Annotated[int, Meta(ge=1, le=64)]
ScanLanguage = Annotated[str, Meta(pattern=r"^[a-z]{3}(_[a-z]{3,8})?$")]


class Reading(Section, frozen=True):
    processes: Annotated[Readers, about("How many files are read at once, each in a process of its own.")] = 2
    seconds: Annotated[Seconds, about("How long reading one document may take.")] = 60.0
    memory: Annotated[Memory, about("Bytes that a process that reads may take; a file that needs more is refused.")] = (
        1 << 30
    )
    file_limit: Annotated[Positive, about("Largest file in bytes, also of one within an archive.")] = 128 << 20
    pages: Annotated[Positive, about("Most pages of one document.")] = 10_000
    scanned_pages: Annotated[Positive, about("Most pages of one document whose text is recognised from a scan.")] = 200
    scan_languages: Annotated[
        tuple[ScanLanguage, ...],
        about("Languages of scans, as tesseract names them; each needs its package, such as `tesseract-ocr-deu`."),
    ] = ("eng",)


class Knowledge(Section, frozen=True):
    folder: Annotated[Path | None, about("Folder of the index; none is `knowledge` in `paths.var`.")] = None
    threads: Annotated[Processes, about("CPU threads that embed documents; 0 takes all cores.")] = 0
    reading: Annotated[Reading, about("How files become text.")] = Reading()
