"""Documents in few words."""

from ingest.passage import Document, Passage


def document(name: str = "a", **fields: object) -> Document:
    return Document(**({"id": name, "collection": "one", "version": 1, "title": "Handbook"} | fields))  # type: ignore[arg-type]


def passage(text: str, title: str = "Handbook", name: str = "a:0") -> Passage:
    return Passage(id=name, document="a", number=0, text=text, title=title, start=0, end=len(text), digest=text)
