"""`ringfence search`"""

import click
from msgspec import Struct

from api.cli import listing
from api.cli.ingest import tenant_option
from api.cli.session import Session, json_option, pass_session
from api.cli.storage import awaited, opened
from api.knowledge import opened_embedder, opened_library, opened_scrubber
from ingest.content import Spot
from ingest.index import Filter, Hit, Query

MOST_SHOWN = 100
LONGEST_SHOWN = 300


class Found(Struct, frozen=True, kw_only=True):
    score: float
    keyword: float
    similarity: float
    title: str
    headings: tuple[str, ...]
    path: str
    spot: Spot
    start: int
    end: int
    text: str
    document: str
    version: int


@click.command()
@click.argument("question")
@click.option("--collection", "name", default="", help="Its name or id; without it, all that are not scrubbed.")
@click.option("--limit", type=click.IntRange(1, MOST_SHOWN), default=5, show_default=True, help="Most passages.")
@tenant_option
@json_option
@pass_session
@awaited
async def search(  # noqa: PLR0913, PLR0917
    session: Session, question: str, name: str, limit: int, tenant: str, as_json: bool
) -> None:
    """Find passages, the best first, by words and by meaning.

    It searches as an operator may: also documents that only some roles, groups or users may read.
    """
    settings = session.settings
    async with opened(settings) as database, opened_library(settings, database) as library:
        if name:
            among = [await library.collections.find(tenant, name)]
            async with opened_scrubber(settings, among[0]) as scrubber:
                question = await scrubber.text(question) if scrubber else question
        else:
            among = [each for each in await library.collections.list(tenant) if each.privacy == "raw"]
        async with opened_embedder(settings) as embedder:
            vector = await embedder.question(question)
        query = Query(
            text=question,
            vector=vector,
            readers=await library.files.readers(tenant),
            among=Filter(collections=tuple(each.id for each in among)),
            limit=limit,
        )
        # A filter without collections would mean all of them.
        hits = await library.index.search(tenant, query) if among else []
        paths = await library.files.paths([hit.document.id for hit in hits])
    found = [_found(hit, paths.get(hit.document.id, "")) for hit in hits]
    if as_json:
        listing.show_json(found)
        return
    for each in found:
        _show(each)
    if not found:
        click.echo("Nothing was found.")


def _found(hit: Hit, path: str) -> Found:
    passage = hit.passage
    return Found(
        score=round(hit.score, 4), keyword=hit.keyword, similarity=hit.similarity, title=hit.document.title,
        headings=passage.headings, path=path, spot=passage.spot, start=passage.start, end=passage.end,
        text=passage.text, document=hit.document.id, version=hit.document.version,
    )  # fmt: skip


def _show(found: Found) -> None:
    click.secho(" > ".join((found.title, *found.headings)), bold=True, nl=False)
    click.echo(f"  {found.score:.2f}")
    click.secho(f"{found.path}{_place(found.spot)}", dim=True)
    text = " ".join(found.text.split())
    click.echo(text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…")
    click.echo()


def _place(spot: Spot) -> str:
    parts = (
        f"page {spot.page}" if spot.page else "", f"sheet {spot.sheet}" if spot.sheet else "",
        f"row {spot.row}" if spot.row else "",
    )  # fmt: skip
    told = ", ".join(filter(None, parts))
    return f", {told}" if told else ""
