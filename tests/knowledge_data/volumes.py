"""The documents of one collection, language and half bound into one, as ISPs have them: chapters of a long volume."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from ingest.content import BETWEEN, Block, Content
from ingest.demo import Written
from ingest.evaluation.chunking import Asked, Span
from tests.knowledge_data.generator import Half, Question, document_id, half, library


@dataclass
class Volume:
    id: str
    language: str
    half: Half
    blocks: list[Block] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    """Where each document begins."""

    def add(self, written: Written) -> None:
        self.places[written.document.id] = sum(len(block.text) + len(BETWEEN) for block in self.blocks)
        self.blocks += (
            replace(block, level=block.level + 1) if block.kind == "heading" else block
            for block in written.content.blocks
        )

    @property
    def content(self) -> Content:
        title = self.id.replace("-", " ").capitalize()
        return Content(path=self.id, blocks=tuple(self.blocks), title=title, language=self.language)


def volumes() -> list[Volume]:
    bound: dict[str, Volume] = {}
    for page in library():
        written = page.written()
        side = half(page.family)
        name = f"{written.document.collection}-{page.language}-{side}"
        bound.setdefault(name, Volume(name, page.language, side)).add(written)
    return list(bound.values())


def rebound(questions: list[Question], among: list[Volume]) -> Iterator[Asked]:
    """The questions that have answers, with the places where they stand in the volumes."""
    shelf = {document_id(name): (volume, at) for volume in among for name, at in volume.places.items()}
    for question in questions:
        places = tuple(
            tuple(
                Span(
                    shelf[span.document][0].id, shelf[span.document][1] + span.start, shelf[span.document][1] + span.end
                )
                for span in answer
            )
            for answer in question.answers
        )
        if places:
            yield Asked(question.text, places)
