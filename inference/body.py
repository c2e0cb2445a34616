"""Edits of a JSON request body that leave the bytes alone wherever they can."""

from collections.abc import Mapping
from typing import Any

import msgspec

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def with_fields(body: bytes, fields: Mapping[str, Any]) -> bytes:
    """The object `body` with these fields set.

    They are appended, because every engine's parser lets the last of two equal keys win; where the body
    already seems to name one, it is set in its place, so that nothing rests on that alone.
    """
    if not fields:
        return body
    if any(b'"%b"' % name.encode() in body for name in fields):
        return msgspec.json.encode({**_fields.decode(body), **fields})
    end = body.rindex(b"}")
    empty = body[:end].rstrip().endswith(b"{")
    return b"%b%b%b" % (body[:end], b"" if empty else b",", msgspec.json.encode(fields)[1:])
