"""One tenant's index as it was at one moment, and what can be asked of it."""

import sqlite3
from collections.abc import Collection, Sequence

import msgspec
import numpy as np
from msgspec import Struct

from appliance.errors import InvalidRequest
from ingest import ranking
from ingest.embedded import catalogue as catalogues
from ingest.embedded.catalogue import Catalogue, Mask, State
from ingest.embedded.keywords import keyword_scores
from ingest.embedded.matrix import Matrix, Slots
from ingest.fusion import Fusion, Scores
from ingest.index import Count, Filter, Hit, Query, Stored, Vector
from ingest.passage import Document, Passage
from ingest.ranking import Candidates
from ingest.words import Words

COMPARED = 25
"""Vectors that are compared in full for each hit that is wanted, chosen by their signs."""
LEAST_COMPARED = 500


class Snapshot(Struct, frozen=True):
    tables: sqlite3.Connection
    words: Words
    matrix: Matrix
    catalogue: Catalogue
    state: State
    fusion: Fusion

    def search(self, query: Query) -> list[Hit]:
        mask = self._masks(query.readers, query.among)[1]
        visible = int(np.count_nonzero(mask))
        asked = self.words.asked(query.text) if ranking.uses_keywords(query) else []
        scores = keyword_scores(self.tables, asked, mask, visible)
        slots = np.flatnonzero(scores > 0)
        slots = self._chosen(slots, ranking.rounded_keywords(scores[slots]), query)
        similarities = np.zeros(len(slots))
        if query.vector is not None and ranking.uses_vector(query):
            compared = _united(len(mask), slots, self._near(query.vector, mask, visible, query))
            all_similarities = ranking.rounded_similarities(self.matrix.rows(compared) @ query.vector)
            slots = _united(len(mask), slots, self._chosen(compared, all_similarities, query))
            similarities = all_similarities[np.searchsorted(compared, slots)]
        found = Candidates(ranking.rounded_keywords(scores[slots]), similarities)
        best = ranking.ranked(found, query, self.fusion, lambda places: self._ids(slots[places]))
        passages = self._passages([int(slots[place]) for place, _ in best])
        documents = self._documents(self.catalogue.owners[[slots[place] for place, _ in best]].tolist() if best else [])
        return [
            Hit(
                document=documents[passage.document],
                passage=passage,
                score=score,
                keyword=float(found.keywords[place]),
                similarity=float(found.similarities[place]),
            )
            for (place, score), passage in zip(best, passages, strict=True)
        ]

    def count(self, readers: frozenset[str], among: Filter) -> Count:
        return catalogues.count(self._masks(readers, among))

    def vectors(self, document: str) -> dict[str, Vector]:
        row = self.tables.execute("SELECT slots FROM documents WHERE id = ?", (document,)).fetchone()
        slots = _numbers(row[0] if row else b"")
        return dict(zip([each.digest for each in self._passages(slots.tolist())], self.matrix.rows(slots), strict=True))

    def after(self, document: str) -> Stored | None:
        """The next one in the order of ids."""
        row = self.tables.execute(
            "SELECT body, slots FROM documents WHERE id > ? ORDER BY id LIMIT 1", (document,)
        ).fetchone()
        if row is None:
            return None
        slots = _numbers(row[1])
        return Stored(_document(row[0]), tuple(self._passages(slots.tolist())), self.matrix.rows(slots))

    def _masks(self, readers: frozenset[str], among: Filter) -> tuple[Mask, Mask]:
        marks = ",".join("?" * len(among.documents))
        found = self.tables.execute(f"SELECT row FROM documents WHERE id IN ({marks})", among.documents)  # noqa: S608
        return self.catalogue.seen(readers, among, [row for (row,) in found])

    def _near(self, vector: Vector, mask: Mask, visible: int, query: Query) -> Slots:
        """Those among which the most similar are, by their signs."""
        if len(vector) != self.state.width:
            raise InvalidRequest(
                f"The question's vector has {len(vector)} dimensions and those of the index {self.state.width}. "
                "Ask with the model that made them, or ingest the documents again."
            )
        compared = max(LEAST_COMPARED, COMPARED * ranking.hits_of(query))
        if visible <= compared:
            return np.flatnonzero(mask)
        distances = self.matrix.distances(vector, len(mask))
        if visible < len(mask):
            distances[~mask] = np.iinfo(np.uint16).max
        bound = np.partition(distances, compared)[compared]
        return np.flatnonzero(distances <= bound)[: 2 * compared]

    def _chosen(self, slots: Slots, scores: Scores, query: Query) -> Slots:
        return slots[ranking.chosen(scores, query, lambda places: self._ids(slots[places]))]

    def _ids(self, slots: Slots) -> list[str]:
        marks = ",".join(map(str, slots.tolist()))
        found = dict(self.tables.execute(f"SELECT slot, id FROM passages WHERE slot IN ({marks})"))  # noqa: S608
        return [found[slot] for slot in slots.tolist()]

    def _passages(self, slots: Sequence[int]) -> list[Passage]:
        marks = ",".join(map(str, slots))
        found = dict(self.tables.execute(f"SELECT slot, body FROM bodies WHERE slot IN ({marks})"))  # noqa: S608
        return [msgspec.msgpack.decode(found[slot], type=Passage) for slot in slots]

    def _documents(self, rows: Collection[int]) -> dict[str, Document]:
        marks = ",".join(map(str, set(rows)))
        found = self.tables.execute(f"SELECT body FROM documents WHERE row IN ({marks})")  # noqa: S608
        return {each.id: each for each in (_document(body) for (body,) in found)}


def _document(body: bytes) -> Document:
    return msgspec.msgpack.decode(body, type=Document)


def _numbers(slots: bytes) -> Slots:
    return np.frombuffer(slots, np.uint32).astype(np.int64)


def _united(size: int, *slots: Slots) -> Slots:
    mask = np.zeros(size, np.bool_)
    for some in slots:
        mask[some] = True
    return np.flatnonzero(mask)
