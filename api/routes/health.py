"""Whether this process lives and whether a token can be had. Raw ASGI: it must answer before the pages are loaded."""

import msgspec

from api.client import Receive, Scope, Send
from api.errors import answer_with
from api.ring import Ring
from appliance.errors import EngineUnavailable, RingfenceError

LIVE = "/health/live"
READY = "/health/ready"
SUMMARIES = {LIVE: "This process answers", READY: "A token can be produced"}


class Health:
    def __init__(self, ring: Ring) -> None:
        self._ring = ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] == READY:
                self._require_ready()
        except RingfenceError as error:
            await answer_with(error, send)
            return
        body = msgspec.json.encode({"status": scope["path"].rpartition("/")[2]})
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _require_ready(self) -> None:
        self._ring.ledger.ensure_writable()
        waits_for = self._ring.fleet.waits_for
        if waits_for:
            raise EngineUnavailable(f"Not ready: {'; '.join(waits_for)}. Wait, or run `ringfence doctor`.")
