"""The nouns of the index: documents, their passages, and who may read them."""

from datetime import datetime

from msgspec import Struct

from ingest.content import Spot

EVERYBODY = "*"
"""In `Document.access`: everybody of the tenant."""


class Document(Struct, frozen=True, kw_only=True):
    """What the index must know of a document to filter by it and to cite it."""

    id: str
    collection: str
    version: int
    title: str
    source: str = ""
    """Which source brought it: `upload`, or a source's name."""
    link: str = ""
    language: str = ""
    labels: tuple[str, ...] = ()
    modified: datetime | None = None
    access: tuple[str, ...] = (EVERYBODY,)
    """Who may read it: `*`, `role:agent`, `group:noc`, `user:anna`. None: nobody."""


class Passage(Struct, frozen=True, kw_only=True):
    """A piece of a document that is found and cited as a whole."""

    id: str
    """Of its document, its place and its text: the same text at the same place keeps its id."""
    document: str
    number: int
    """In its document, from 0: neighbours are next to each other."""
    text: str
    title: str
    headings: tuple[str, ...] = ()
    start: int
    """Offsets in the document's text, so that a citation can be shown where it stands."""
    end: int
    spot: Spot = Spot()
    digest: str
    """Of what is embedded: title, headings and text. A passage whose digest is known is not embedded again."""

    @property
    def embedded(self) -> str:
        """What the embedder reads, without the model's own prefix."""
        return "\n".join(part for part in (self.title, " > ".join(self.headings), self.text) if part)
