"""What callers, and the boxes before us, send along beside the body."""

from collections.abc import Iterator

from tests.acceptance.recorder.case import Case, chat
from tests.acceptance.recorder.values import Mint

HEADERS = {
    "x-session-id": "mail", "user-agent": "mail", "cookie": "mail", "x-forwarded-for": "IPv4", "baggage": "mail",
    "referer": "host", "openai-organization": "mail", "x-customer": "phone", "tracestate": "IMEI",
    "idempotency-key": "mail", "traceparent": "mail",
}  # fmt: skip


def cases(mint: Mint, stream: bool) -> Iterator[Case]:
    for name, kind in HEADERS.items():
        value = mint(kind)
        body = chat("plain", "Go on.", stream=stream)
        yield Case(name=f"{name}, stream={stream}", body=body, secrets=(value,), headers={name: value}, unseen=(value,))
