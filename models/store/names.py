"""What names and paths may be, so that all that is stored stays below its folder, on any file system. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from appliance.errors import ModelError

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,94}[a-z0-9])?")
DIGEST = re.compile(r"[0-9a-f]{64}")
UNSAFE = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')
LONGEST_PATH = 512
LONGEST_SEGMENT = 200


def check_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ModelError(f"{name!r} is no name of a model. Use small letters, digits, '.', '_' and '-', 96 at most.")
    return name


def check_digest(digest: str) -> str:
    if not DIGEST.fullmatch(digest):
        raise ModelError(f"{digest[:80]!r} is no SHA-256 in hexadecimal. Get the list of files from its maker again.")
    return digest


def check_paths(paths: Iterable[str], whose: str) -> None:
    """Refuses paths that leave their folder, or that are one and the same on another file system."""
    seen: dict[str, str] = {}
    for path in paths:
        if fault := path_fault(path):
            raise ModelError(f"{whose}: the path {path[:80]!r} {fault}. It was refused; do not trust where it is from.")
        folded = _folded(path)
        other = seen.setdefault(folded, path)
        if other is not path:
            same = "is there twice" if other == path else f"is {other!r} on some file systems"
            raise ModelError(f"{whose}: the path {path!r} {same}. It was refused; have it made anew.")
    for folded, path in seen.items():
        for end in (index for index, letter in enumerate(folded) if letter == "/"):
            if folded[:end] in seen:
                raise ModelError(f"{whose}: {path!r} lies in what is itself a file. It was refused; have it made anew.")


def path_fault(path: str) -> str:
    """What is wrong with a relative path; empty when nothing is."""
    segments = path.split("/")
    if path.startswith("/"):
        return "is absolute"
    if ".." in segments:
        return "leads out of its folder"
    if not path or "" in segments or "." in segments:
        return "has an empty part"
    if UNSAFE.search(path) or any(each.endswith((" ", ".")) for each in segments):
        return "has characters that not every file system takes"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode's normal form NFC"
    if len(path.encode(errors="replace")) > LONGEST_PATH or max(map(len, segments)) > LONGEST_SEGMENT:
        return "is too long"
    return ""


def _folded(path: str) -> str:
    return unicodedata.normalize("NFKC", path).casefold()
