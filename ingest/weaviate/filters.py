"""Who asks and among what, as Weaviate filters before it ranks. Pure."""

from collections.abc import Collection

from weaviate.classes.query import Filter as Where
from weaviate.outputs.query import FilterReturn

from ingest.index import Filter
from ingest.weaviate.rows import seconds


def seen_by(readers: frozenset[str], among: Filter) -> FilterReturn:
    """`readers` is not empty: for nobody there is nothing to ask."""
    conditions = [any_of("access", readers)]
    wanted = (
        ("collection", among.collections), ("document", among.documents), ("source", among.sources),
        ("language", among.languages), ("labels", among.labels),
    )  # fmt: skip
    conditions += [any_of(name, values) for name, values in wanted if values]
    if among.since is not None:
        conditions.append(Where.by_property("modified").greater_or_equal(seconds(among.since)))
    if among.until is not None:
        conditions.append(Where.by_property("modified").less_than(seconds(among.until)))
    return Where.all_of(conditions) if len(conditions) > 1 else conditions[0]


def any_of(name: str, values: Collection[str]) -> FilterReturn:
    return Where.by_property(name).contains_any(sorted(values))


def older(documents: Collection[str], generation: int) -> FilterReturn:
    return any_of("document", documents) & Where.by_property("generation").less_than(generation)
