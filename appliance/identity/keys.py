"""API keys: how they are written, and what of them is stored.

    rf_<id>_<secret>

id       24 letters: 80 random bits and 40 that are a keyed digest of them. A made-up id is refused by
         arithmetic alone, so a flood of bad keys never reaches the database. An id is no secret and may
         stand in logs.
secret   52 letters. Of a bearer key: 256 random bits, stored only as a keyed digest.
         Of a signing key: derived from the id under the pepper. To check a signature takes the secret
         itself, so a digest would not do, and a stored copy would be worth as much as the secret; this way
         the server can always compute it and stores none of it. It never travels in a request, and as a
         bearer key it is refused.

Everything is keyed by the pepper, which is not in the database: who steals the one can neither use nor
forge keys.
"""

import base64
import hashlib
import secrets
from hmac import compare_digest

PREFIX = b"rf_"
ID_LENGTH = 24
SECRET_LENGTH = 52
LENGTH = len(PREFIX) + ID_LENGTH + 1 + SECRET_LENGTH

_RANDOM_BYTES = 10
_TAG_BYTES = 5
_RANDOM_LENGTH = 16  # of the id's letters


class Mint:
    """Makes keys and recognises its own."""

    def __init__(self, pepper: bytes) -> None:
        self._id_key = _derive(pepper, b"key id")
        self._digest_key = _derive(pepper, b"key digest")
        self._signing_key = _derive(pepper, b"signing key")

    def bearer(self) -> str:
        return _join(self._new_id(), _letters(secrets.token_bytes(32)))

    def signing(self) -> str:
        return self.signing_text(self._new_id())

    def signing_text(self, key_id: str) -> str:
        return _join(key_id, _letters(_keyed(self._signing_key, key_id.encode(), 32)))

    def digest(self, text: bytes) -> bytes:
        return hashlib.blake2b(text, key=self._digest_key, digest_size=32).digest()

    def made(self, key_id: bytes) -> bool:
        """Whether this mint made the id; says nothing about whether the key still exists."""
        random, tag = key_id[:_RANDOM_LENGTH], key_id[_RANDOM_LENGTH:]
        return compare_digest(self._tag(random), tag)

    def made_text(self, text: bytes) -> bool:
        return len(text) == LENGTH and text.startswith(PREFIX) and self.made(id_of(text))

    def _new_id(self) -> str:
        random = _letters(secrets.token_bytes(_RANDOM_BYTES))
        return random + self._tag(random.encode()).decode()

    def _tag(self, random: bytes) -> bytes:
        return _letters(_keyed(self._id_key, random, _TAG_BYTES)).encode()


def id_of(text: bytes) -> bytes:
    """The id's place in a key's text; nonsense for nonsense."""
    return text[len(PREFIX) : len(PREFIX) + ID_LENGTH]


def _join(key_id: str, secret: str) -> str:
    return f"{PREFIX.decode()}{key_id}_{secret}"


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def _keyed(key: bytes, data: bytes, size: int) -> bytes:
    return hashlib.blake2b(data, key=key, digest_size=size).digest()


def _derive(pepper: bytes, purpose: bytes) -> bytes:
    # One key for each purpose, so that no output for one can be passed off as an output for another.
    return hashlib.blake2b(pepper, person=purpose.ljust(16, b"\0"), digest_size=32).digest()
