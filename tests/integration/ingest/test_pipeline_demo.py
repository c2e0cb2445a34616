"""The demo's pages as files, and questions that customers ask about them."""

from pathlib import Path

import pytest

from ingest.catalogue import Collection
from ingest.index import Filter, Query
from tests.integration.ingest.workshop import Workshop
from tests.knowledge_data.generator import document_id, library, questions

ASKED = 120
AMONG = 5


def write(workshop: Workshop) -> dict[str, str]:
    """The id of each document by the name of its file."""
    names = {}
    for page in library():
        names[f"{page.id}.md"] = document_id(page.id)
        workshop.write(f"{page.id}.md", f"# {page.title}\n\n" + "\n".join(page.lines))
    return names


async def answering(workshop: Workshop, collection: Collection, question: str) -> list[str]:
    query = Query(
        text=question,
        vector=await workshop.embedder.question(question),
        readers=frozenset(collection.access),
        among=Filter(collections=(collection.id,)),
        limit=AMONG,
    )
    hits = await workshop.index.search("north", query)
    paths = await workshop.library.files.paths([hit.document.id for hit in hits])
    return [str(Path(paths[hit.document.id]).relative_to(workshop.folder)) for hit in hits]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_questions_are_answered_by_the_right_documents(workshop: Workshop) -> None:
    names = write(workshop)
    handbook = await workshop.collection()
    outcomes = await workshop.take_in(handbook)
    assert {each.state for each in outcomes.values()} == {"new"}
    asked = [each for each in questions() if each.half == "tuning" and each.answers]
    asked = asked[:: len(asked) // ASKED]
    right = 0
    for each in asked:
        wanted = {span.document for spans in each.answers for span in spans}
        right += bool(wanted & {names[name] for name in await answering(workshop, handbook, each.text)})
    print(f"{right} of {len(asked)} questions: the right document among the first {AMONG} passages")
    assert right >= 0.8 * len(asked)
