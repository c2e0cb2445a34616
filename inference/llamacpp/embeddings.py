"""What an embeddings request may hold, and what it cost. Pure."""

from typing import Any

import msgspec
from msgspec import Struct

from appliance.errors import InvalidRequest
from inference.messages import Usage

MOST_INPUTS = 2048


class _Counted(Struct):
    prompt_tokens: int


class _Answer(Struct):
    usage: _Counted


def checked_inputs(body: dict[str, Any]) -> list[Any]:
    """Texts or lists of tokens, each of which becomes one vector."""
    given = body.get("input")
    if isinstance(given, str) or (isinstance(given, list) and given and all(map(_is_token, given))):
        given = [given]
    if not isinstance(given, list) or not given:
        raise InvalidRequest("input must be a text, tokens, or a list of them. Send at least one.", param="input")
    if len(given) > MOST_INPUTS:
        raise InvalidRequest(f"input has {len(given)} items. Send {MOST_INPUTS} at most.", param="input")
    for place, one in enumerate(given):
        tokens = isinstance(one, list) and bool(one) and all(map(_is_token, one))
        if not isinstance(one, str) and not tokens:
            raise InvalidRequest(f"input[{place}] is neither a text nor a list of tokens. Mend it.", param="input")
    form = body.get("encoding_format")
    if form not in (None, "float", "base64"):
        raise InvalidRequest("encoding_format must be `float` or `base64`.", param="encoding_format")
    return given


def _is_token(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def too_long(place: int, count: int, context: int) -> InvalidRequest:
    """A text is never cut short in silence: half of it would be found and the rest not."""
    return InvalidRequest(
        f"input[{place}] has {count} tokens and the model takes {context}. Split it.",
        param="input",
        code="context_length_exceeded",
    )


def embedding_usage(raw: bytes) -> Usage:
    return Usage(msgspec.json.decode(raw, type=_Answer).usage.prompt_tokens)
