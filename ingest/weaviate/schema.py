"""The collections, and their version: it stands in each collection's description."""

import re
from collections.abc import Sequence

from msgspec import Struct
from weaviate import WeaviateAsyncClient
from weaviate.classes.config import (
    Configure,
    DataType,
    Property,
    StopwordsPreset,
    Tokenization,
    VectorDistances,
)
from weaviate.exceptions import UnexpectedStatusCodeError

from appliance.errors import SchemaMismatch

PREFIX = "Ringfence"
ROOMS = f"{PREFIX}Tenants"
DOCUMENTS = f"{PREFIX}Documents"
VERSION = 1
SAID = re.compile(r"schema (\d+)$")


class Shape(Struct, frozen=True):
    name: str
    about: str
    properties: Sequence[Property]
    has_tenants: bool = True
    has_vectors: bool = False

    @property
    def description(self) -> str:
        return f"{self.about}; schema {VERSION}"


def passages_of(width: int) -> str:
    """One collection for each width of vectors: an index over vectors has one."""
    return f"{PREFIX}Passages{width}"


def shapes(width: int = 0) -> list[Shape]:
    rooms = Shape(ROOMS, "Ringfence: which tenants there are", (_kept("body"),), has_tenants=False)
    documents = Shape(DOCUMENTS, "Ringfence: documents as they are", (*_filtered(), _number("passages"), _kept("body")))
    if not width:
        return [rooms, documents]
    passages = (*_filtered(), _number("generation"), _kept("body"), _words("words"), _words("beginnings"))
    about = f"Ringfence: passages with vectors of {width} dimensions"
    return [rooms, documents, Shape(passages_of(width), about, passages, has_vectors=True)]


async def ensure(client: WeaviateAsyncClient, shape: Shape) -> None:
    """Made, or brought up to date: a newer schema adds properties, and only those that are missing are added."""
    if not await client.collections.exists(shape.name):
        try:
            await _create(client, shape)
        except UnexpectedStatusCodeError:
            if not await client.collections.exists(shape.name):  # else another worker was quicker
                raise
        return
    collection = client.collections.get(shape.name)
    there = await collection.config.get(simple=True)
    said = SAID.search(there.description or "")
    version = int(said[1]) if said else 0
    if version > VERSION:
        raise SchemaMismatch(
            f"The collection {shape.name} is of a newer Ringfence (schema {version}). "
            "Update this one, or use another Weaviate."
        )
    if version < VERSION:
        known = {each.name for each in there.properties}
        for each in shape.properties:
            if each.name not in known:
                await collection.config.add_property(each)
        await collection.config.update(description=shape.description)


async def _create(client: WeaviateAsyncClient, shape: Shape) -> None:
    index = (
        Configure.VectorIndex.hnsw(
            distance_metric=VectorDistances.COSINE, quantizer=Configure.VectorIndex.Quantizer.none()
        )
        if shape.has_vectors
        else Configure.VectorIndex.flat()
    )
    await client.collections.create(
        shape.name,
        description=shape.description,
        properties=list(shape.properties),
        vector_config=Configure.Vectors.self_provided(vector_index_config=index),
        # b = 0: a passage's length against the average would tell of documents that a reader may not see.
        inverted_index_config=Configure.inverted_index(bm25_b=0, bm25_k1=1.2, stopwords_preset=StopwordsPreset.NONE),
        multi_tenancy_config=Configure.multi_tenancy(
            enabled=shape.has_tenants, auto_tenant_activation=shape.has_tenants
        ),
    )


def _filtered() -> tuple[Property, ...]:
    texts = [_exact(name, DataType.TEXT) for name in ("document", "collection", "source", "language")]
    lists = [_exact(name, DataType.TEXT_ARRAY) for name in ("labels", "access")]
    modified = Property(name="modified", data_type=DataType.NUMBER, index_filterable=True, index_range_filters=True)
    return (*texts, *lists, modified)


def _exact(name: str, kind: DataType) -> Property:
    return Property(
        name=name, data_type=kind, tokenization=Tokenization.FIELD, index_filterable=True, index_searchable=False
    )


def _number(name: str) -> Property:
    return Property(name=name, data_type=DataType.INT, index_filterable=True, index_range_filters=True)


def _kept(name: str) -> Property:
    return Property(name=name, data_type=DataType.TEXT, index_filterable=False, index_searchable=False)


def _words(name: str) -> Property:
    return Property(
        name=name, data_type=DataType.TEXT, tokenization=Tokenization.WHITESPACE, index_filterable=False,
        index_searchable=True,
    )  # fmt: skip
