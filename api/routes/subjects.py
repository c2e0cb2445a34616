"""Customers who are to be forgotten."""

from typing import Any

from fastapi import FastAPI

from api.ring import Ring
from appliance.audit import Entry
from appliance.errors import RingfenceError
from appliance.identity import Principal
from appliance.identity.roles import PRIVACY_MANAGE
from appliance.log import request_id
from appliance.privacy.kept import Forgotten


def add(app: FastAPI, ring: Ring, authenticated: Any) -> None:
    @app.delete(
        "/v1/privacy/subjects/{subject:path}",
        tags=["privacy"],
        summary="Forget a customer",
        response_description="`{erased, conversations, values}`: whether there was a key, and what was under it.",
    )
    async def forget(subject: str, caller: Principal = authenticated) -> dict[str, Any]:
        """Erases the key of the customer's kept values, in the caller's tenant."""
        ring.ledger.ensure_writable()
        forgotten, code = None, RingfenceError.code
        try:
            caller.require(PRIVACY_MANAGE)
            forgotten = await ring.kept.forget(caller.tenant, subject)
            code = "ok"
        except RingfenceError as error:
            code = error.code
            raise
        finally:
            ring.ledger.record(caller.tenant, _entry(caller, forgotten, code))
        await ring.ledger.durable()
        return {
            "erased": forgotten.erased,
            "conversations": forgotten.conversations,
            "values": forgotten.values,
        }


def _entry(caller: Principal, forgotten: Forgotten | None, code: str) -> Entry:
    return Entry(
        request_id=request_id.get(),
        action="privacy_forget",
        user=caller.user,
        key=caller.key,
        code=code,
        details=forgotten.details if forgotten else {},
    )
