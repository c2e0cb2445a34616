r"""Signed requests, for clients that will not send a secret over the wire.

    Authorization: Ringfence-HMAC-SHA256 key=<key id>, ts=<unix seconds>, nonce=<nonce>, signature=<hex>

The signature is HMAC-SHA256, keyed by the whole text of a signing key (`rf_<id>_<secret>`), over five lines
joined by `\n`, with none at the end:

    POST                                  the method
    /v1/chat/completions?trace=1          the path with its query, as they stand in the request line
    e3b0c44298fc1c149afbf4c8996fb924…     SHA-256 of the body in hex, also of an empty one
    1767225600                            ts
    b1946ac92492d234                      nonce: 16 to 64 of A-Z a-z 0-9 _ -

A timestamp outside `identity.signature_window_seconds` is refused, and so is a nonce that the key has used
before. `sign` is the client's side in Python.
"""

import hashlib
import hmac
import re
import secrets
import time

from msgspec import Struct

SCHEME = "Ringfence-HMAC-SHA256"

_FIELDS = re.compile(
    rb"key=([a-z2-7]{24}), ?ts=([0-9]{1,11}), ?nonce=([A-Za-z0-9_-]{16,64}), ?signature=([0-9a-f]{64})"
)


class Signature(Struct, frozen=True):
    key_id: str
    timestamp: int
    nonce: str
    value: str


class Request(Struct, frozen=True):
    """What a signature vouches for."""

    method: str
    path: str
    body: bytes


def sign(key: str, request: Request, now: float | None = None) -> str:
    """The client's side: the value of the Authorization header."""
    timestamp = int(time.time() if now is None else now)
    nonce = secrets.token_urlsafe(16)
    value = compute(key, request, timestamp, nonce)
    return f"{SCHEME} key={key.split('_')[1]}, ts={timestamp}, nonce={nonce}, signature={value}"


def parse(fields: bytes) -> Signature | None:
    """What follows the scheme; None when it is not of that form."""
    match = _FIELDS.fullmatch(fields)
    if match is None:
        return None
    key_id, timestamp, nonce, value = (field.decode() for field in match.groups())
    return Signature(key_id, int(timestamp), nonce, value)


def compute(key: str, request: Request, timestamp: int, nonce: str) -> str:
    digest = hashlib.sha256(request.body).hexdigest()
    lines = (request.method, request.path, digest, str(timestamp), nonce)
    return hmac.new(key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
