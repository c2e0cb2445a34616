"""How an error looks on the wire: the one table from errors to HTTP statuses, in OpenAI's shape."""

import math

import msgspec

from api.client import Headers, Send
from appliance import errors

# The nearest class up the tree decides.
STATUS: dict[type[errors.RingfenceError], tuple[int, str]] = {
    errors.RingfenceError: (500, "server_error"),
    errors.RequestError: (400, "invalid_request_error"),
    errors.TooLarge: (413, "invalid_request_error"),
    errors.TooSlow: (408, "invalid_request_error"),
    errors.NotFound: (404, "invalid_request_error"),
    errors.Unauthenticated: (401, "authentication_error"),
    errors.Forbidden: (403, "permission_error"),
    errors.Conflict: (409, "invalid_request_error"),
    errors.PrivacyRefused: (403, "permission_error"),
    errors.LimitExceeded: (429, "rate_limit_error"),
    errors.BudgetExceeded: (429, "insufficient_quota"),
    errors.Unavailable: (503, "server_error"),
    errors.EngineFailed: (502, "server_error"),
}
UNEXPECTED = errors.RingfenceError("An unexpected fault; the log has it under this request id. Try again.")


def status_of(error: errors.RingfenceError) -> tuple[int, str]:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def body_of(error: errors.RingfenceError) -> bytes:
    kind = status_of(error)[1]
    return msgspec.json.encode(
        {"error": {"message": error.message, "type": kind, "param": error.param, "code": error.code}}
    )


def headers_of(error: errors.RingfenceError) -> Headers:
    """What a client needs to know about trying again."""
    if isinstance(error, errors.BudgetExceeded):
        return [*_retry_after(error.retry_after), (b"x-should-retry", b"false"), *error.headers]
    if isinstance(error, errors.LimitExceeded):
        return [*_retry_after(error.retry_after), *error.headers]
    if isinstance(error, errors.Unavailable):
        return _retry_after(error.retry_after)
    if isinstance(error, errors.EngineFailed):
        return _retry_after(1.0)
    if isinstance(error, errors.Unauthenticated):
        return [(b"www-authenticate", b"Bearer")]
    if isinstance(error, errors.TooSlow):
        return [(b"connection", b"close")]
    return []


def _retry_after(seconds: float) -> Headers:
    return [
        (b"retry-after", b"%d" % max(1, math.ceil(seconds))),
        (b"retry-after-ms", b"%d" % max(1, math.ceil(seconds * 1000))),
    ]


async def answer_with(
    error: errors.RingfenceError, send: Send, extra: Headers | None = None, *, status: int | None = None
) -> None:
    """The whole answer, for doors that have no exchange."""
    body = body_of(error)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        *headers_of(error),
        *(extra or ()),
    ]
    await send({"type": "http.response.start", "status": status or status_of(error)[0], "headers": headers})
    await send({"type": "http.response.body", "body": body})
