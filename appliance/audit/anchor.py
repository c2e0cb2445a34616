"""The anchor: a small file outside the database that remembers where each chain ends.

Without it, somebody who may delete rows could cut off the newest ones and nothing would show. The file
carries a MAC under the audit key. The processes of one machine share it under a lock, and it is replaced as a
whole, so that at any moment it is complete. It may be behind the database (a process died between the two),
never ahead.
"""

import fcntl
import hmac
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from appliance.audit.chain import GENESIS, Head, anchor_key
from appliance.errors import StorageError

Heads = dict[tuple[str, str], Head]


class _Content(Struct):
    heads: Raw
    mac: bytes


class Anchor:
    def __init__(self, file: Path, key: bytes) -> None:
        self.file = file
        self._key = anchor_key(key)

    def read(self) -> Heads:
        """Each chain's end by tenant and writer; nothing when there is no file."""
        try:
            encoded = self.file.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from error
        try:
            content = msgspec.json.decode(encoded, type=_Content)
            genuine = hmac.compare_digest(self._mac(bytes(content.heads)), content.mac)
            heads = msgspec.json.decode(content.heads, type=list[Head]) if genuine else []
        except msgspec.MsgspecError as error:
            raise self._damaged() from error
        if not genuine:
            raise self._damaged()
        return {(head.tenant, head.writer): head for head in heads}

    def announce(self, tenants: Sequence[str], writer: str) -> list[Head]:
        """Remembers chains before they have a block; returns the ends of these tenants' other chains."""
        with self._locked() as heads:
            for tenant in tenants:
                heads.setdefault((tenant, writer), Head(tenant, writer, 0, GENESIS))
        return [head for head in heads.values() if head.tenant in tenants and head.writer != writer]

    def advance(self, ends: Sequence[Head], named: Sequence[Head]) -> None:
        """Remembers new ends, and forgets those that a stored block now names."""
        with self._locked() as heads:
            for head in named:
                known = heads.get((head.tenant, head.writer))
                if known is not None and known.sequence <= head.sequence:
                    del heads[head.tenant, head.writer]
            heads.update({(head.tenant, head.writer): head for head in ends})

    @contextmanager
    def _locked(self) -> Iterator[Heads]:
        try:
            with self.file.with_name(self.file.name + ".lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                heads = self.read()
                yield heads
                self._write(heads)
        except OSError as error:
            raise self._unusable(error) from error

    def _write(self, heads: Heads) -> None:
        encoded = msgspec.json.encode(list(heads.values()))
        content = msgspec.json.encode(_Content(Raw(encoded), self._mac(encoded)))
        new = self.file.with_name(self.file.name + ".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        new.replace(self.file)
        # The folder too, or a power cut could bring back a file that knows nothing of a chain with blocks.
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _mac(self, encoded: bytes) -> bytes:
        return hmac.digest(self._key, encoded, "sha256")

    def _damaged(self) -> StorageError:
        return StorageError(
            f"The audit anchor {self.file} was changed, or belongs to another audit key. "
            "Run `ringfence audit verify`, keep the file as evidence, and move it away.",
            code="audit_anchor_damaged",
        )

    def _unusable(self, error: OSError) -> StorageError:
        return StorageError(
            f"The audit anchor {self.file} cannot be used: {error.strerror}. Make the file and its folder writable.",
            code="audit_anchor_unusable",
        )
