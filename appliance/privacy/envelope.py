"""Values under a key of their subject: who erases that key has erased every copy of them that stands without it.

privacy key ── tenant ──┬── names     digests of subjects and conversations
                        └── wrapping ── a random key for each subject ── values (AES-256-GCM)
"""

import hmac
import os
from collections.abc import Iterable

from appliance.errors import PrivacyUnavailable

NONCE_BYTES = 12
KEY_BYTES = 32


class Envelope:
    """The keys of one tenant. Nothing here can open what another tenant's made."""

    def __init__(self, key: bytes, tenant: str) -> None:
        self.tenant = tenant
        root = hmac.digest(key, b"kept\0" + tenant.encode(), "sha256")
        self._names = hmac.digest(root, b"names", "sha256")
        self._wrapping = hmac.digest(root, b"wrapping", "sha256")

    def name(self, *parts: str) -> bytes:
        """Stands for a subject or a conversation in the database."""
        return hmac.digest(self._names, _joined(each.encode() for each in parts), "sha256")

    def new_key(self, subject: bytes) -> bytes:
        """A subject's key, as it may be stored."""
        return _seal(self._wrapping, os.urandom(KEY_BYTES), self._place(subject))

    def open(self, subject: bytes, wrapped: bytes) -> "Box":
        return Box(_open(self._wrapping, wrapped, self._place(subject)), self._place(subject))

    def _place(self, subject: bytes) -> bytes:
        return _joined((self.tenant.encode(), subject))


class Box:
    """What one subject's key opens. Each thing opens only in the place that it was put in."""

    def __init__(self, key: bytes, place: bytes) -> None:
        self._key = key
        self._place = place

    def seal(self, clear: bytes, *place: bytes) -> bytes:
        return _seal(self._key, clear, _joined((self._place, *place)))

    def open(self, sealed: bytes, *place: bytes) -> bytes:
        return _open(self._key, sealed, _joined((self._place, *place)))


def _seal(key: bytes, clear: bytes, place: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, place)


def _open(key: bytes, sealed: bytes, place: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as error:
        raise PrivacyUnavailable(
            "What was kept of this conversation was changed, or is under another key. "
            "Restore privacy.key and the database, or begin a new conversation."
        ) from error


def _joined(parts: Iterable[bytes]) -> bytes:
    """With their lengths, so that no two places read the same."""
    return b"".join(len(each).to_bytes(4, "big") + each for each in parts)
