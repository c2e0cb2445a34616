"""The settings of knowledge: how the ISP's documents are read and kept."""

from pathlib import Path
from typing import Annotated, Literal

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


class WeaviateSettings(Section, frozen=True):
    url: Annotated[
        str, about("Where it answers over HTTP, such as `https://weaviate.example`; with TLS, gRPC has it too.")
    ] = "http://127.0.0.1:8090"
    grpc: Annotated[str, about("Where it answers over gRPC: `host:port`.")] = "127.0.0.1:8091"
    key: Annotated[
        str,
        about(
            "Key of a user with the role of `ringfence weaviate setup`; empty is the one that it left in `paths.var`.",
            secret=True,
        ),
    ] = ""


class Knowledge(Section, frozen=True):
    index: Annotated[
        Literal["embedded", "weaviate"],
        about("Where passages are: in files of this machine, or in Weaviate (extra `weaviate`)."),
    ] = "embedded"
    weaviate: Annotated[WeaviateSettings, about("The Weaviate to use.")] = WeaviateSettings()
    folder: Annotated[Path | None, about("Folder of the index; none is `knowledge` in `paths.var`.")] = None
    threads: Annotated[Processes, about("CPU threads that embed documents; 0 takes all cores.")] = 0
    reading: Annotated[Reading, about("How files become text.")] = Reading()
