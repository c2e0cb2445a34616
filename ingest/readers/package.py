"""ZIP files, bounded, and the XML that Office keeps in them, without entities."""

import posixpath
import zlib
from io import BytesIO
from typing import Literal
from xml.etree.ElementTree import Element, ParseError, fromstring
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from appliance.errors import Unreadable
from ingest.readers.file import Bounds

ENCRYPTED = 0x1
WORTH_JUDGING = 10 << 20
"""An archive that stays below this is no bomb, however well it was packed."""
BROKEN = (BadZipFile, LargeZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError)


class Archive:
    """A ZIP file that is refused as a whole when what it would become is out of proportion."""

    def __init__(self, data: bytes, bounds: Bounds) -> None:
        try:
            self._zip = ZipFile(BytesIO(data))
        except BROKEN as error:
            raise Unreadable("damaged", "The archive is damaged. Pack it again.") from error
        self.members = self._zip.infolist()
        self._bounds = bounds
        if len(self.members) > bounds.members:
            raise Unreadable("bomb", f"The archive has more than {bounds.members} files. Split it.")
        expanded = sum(each.file_size for each in self.members)
        if expanded > bounds.expanded or expanded > max(len(data) * bounds.ratio, WORTH_JUDGING):
            raise Unreadable("bomb", f"The archive would become {expanded >> 20} MiB. Pack the documents anew.")

    def read(self, member: ZipInfo) -> bytes:
        if member.flag_bits & ENCRYPTED:
            raise Unreadable("encrypted", "The file is protected with a password. Pack it without.")
        if member.file_size > self._bounds.size:
            raise Unreadable("too_large", f"Unpacked it has over {self._bounds.size >> 20} MiB. Split it.")
        try:
            return self._zip.read(member)
        except BROKEN as error:
            raise Unreadable("damaged", "The file cannot be unpacked. Pack it again.") from error


class Package:
    """A document of Office: XML parts that refer to each other."""

    def __init__(self, data: bytes, bounds: Bounds) -> None:
        self._archive = Archive(data, bounds)
        self._members = {each.filename.lower(): each for each in self._archive.members}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._members

    def names(self, prefix: str) -> list[str]:
        return [each.filename for each in self._archive.members if each.filename.lower().startswith(prefix)]

    def text(self, part: str) -> str:
        """XML as text, whatever its encoding says: a declared one could hide a document type from us."""
        data = self._archive.read(self._members[part.lower()])
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            raise Unreadable("damaged", f"The part {part} is no XML. Save the file again.") from error
        if "<!DOCTYPE" in text:
            raise Unreadable("unsafe", f"The part {part} declares entities, which no Office does. Leave the file out.")
        return text

    def xml(self, part: str) -> Element:
        try:
            return fromstring(self.text(part))  # noqa: S314 - no document type, so no entities
        except ParseError as error:
            raise Unreadable("damaged", f"The part {part} is damaged. Open the file and save it again.") from error

    def optional(self, part: str) -> Element | None:
        """None when it is missing or damaged: what it would tell can be done without."""
        try:
            return self.xml(part) if part in self else None
        except Unreadable:
            return None

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: by id the kind and the part it is."""
        folder, name = posixpath.split(part)
        root = self.optional(f"{folder}/_rels/{name}.rels".lstrip("/"))
        found = {}
        for each in () if root is None else root:
            if each.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
                found[each.get("Id", "")] = (each.get("Type", "").rpartition("/")[2], target)
        return found

    def main(self, usual: str) -> str:
        """The part that is the document itself."""
        named = [target for kind, target in self.relations("").values() if kind == "officeDocument" and target in self]
        part = named[0] if named else usual
        if part not in self:
            raise Unreadable("damaged", f"The part {usual} is missing. Open the file and save it again.")
        return part

    def property(self, name: str) -> str:
        """Of the document, as its author filled it in, such as `title`."""
        root = self.optional("docProps/core.xml")
        for each in () if root is None else root:
            if local(each.tag) == name:
                return (each.text or "").strip()
        return ""


def local(tag: str) -> str:
    """Without its namespace: Office has two of each."""
    return tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """By its local name."""
    for key, value in element.items():
        if local(key) == name:
            return value
    return ""


def child(element: Element, name: str) -> Element | None:
    return next((each for each in element if local(each.tag) == name), None)


def flavour(data: bytes) -> Literal["docx", "xlsx", "pptx", "zip"]:
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except BROKEN:
        return "zip"
    if "[Content_Types].xml" not in names:
        return "zip"
    for prefix, kind in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
        if any(each.startswith(prefix) for each in names):
            return kind  # type: ignore[return-value]
    return "zip"
