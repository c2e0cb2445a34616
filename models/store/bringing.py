"""Brings what a source offers into the blobs: only what is not there, or not whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from appliance.errors import ModelError
from models.store import formats
from models.store.blobs import Blobs
from models.store.digest import CHUNK, Check
from models.store.disk import FULL, check_space
from models.store.fetch import Fetching, fetch
from models.store.lock import held
from models.store.manifest import StoredFile
from models.store.part import Part
from models.store.source import Offer


class Bringing(Struct, frozen=True):
    fetching: Fetching
    blobs: Blobs
    parts: Path
    known: Mapping[str, str]
    """SHA-256 of files of the same model, from the last time, by path."""
    fresh: set[str]
    """What this process added, so that it can be taken back."""

    def bring(self, offers: Sequence[Offer]) -> tuple[StoredFile, ...]:
        found = {offer.path: self._here(offer) for offer in offers}
        missing = [offer for offer in offers if not found[offer.path]]
        wanted = sum(offer.size - sum(self._part(offer).remembered()) for offer in missing)
        check_space(self.parts, wanted, "What is to be fetched")
        if missing:
            self.fetching.meter.begin(wanted)
        for offer in missing:
            found[offer.path] = self._bring(offer)
        return tuple(StoredFile(offer.path, offer.size, found[offer.path]) for offer in offers)

    def _here(self, offer: Offer) -> str:
        """The SHA-256 of a blob that is what the source offers; else empty."""
        said = offer.digest
        sha256 = said.sha256 or (self.known.get(offer.path, "") if said.git else "")
        if not sha256 or not self.blobs.has(sha256, offer.size):
            return ""
        check = Check(said, offer.size)
        with self.blobs.path(sha256).open("rb") as stream:
            while data := stream.read(CHUNK):
                check.update(data)
        if check.agrees and check.sha256 == sha256:
            return sha256
        self.fetching.meter.say(f"{offer.path}: what is here is damaged or of another version; fetching it")
        return ""

    def _bring(self, offer: Offer) -> str:
        waiting = f"{offer.path}: waiting for another process that fetches it"
        with held(self.parts / f"{offer.key}.lock", waiting=lambda: self.fetching.meter.say(waiting)):
            # Another process may have brought it meanwhile.
            if sha256 := self._here(offer):
                return sha256
            part = self._part(offer)
            try:
                sha256 = self._fetched(offer, part)
                self.fresh.add(sha256)
                self.blobs.publish(part.file, sha256)
            except OSError as error:
                if error.errno in FULL:
                    part.discard()
                raise
            part.discard()
        return sha256

    def _fetched(self, offer: Offer, part: Part) -> str:
        with part:
            sha256 = fetch(self.fetching, offer, part)
            try:
                formats.check(offer.path, part.read(0, min(formats.HEAD, offer.size)), offer.size)
            except ModelError:
                part.discard()
                raise
        return sha256

    def _part(self, offer: Offer) -> Part:
        return Part(self.parts, offer.key, offer.size)
