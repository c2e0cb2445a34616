"""What is personal in the texts of other systems, and the texts without it. No way leads back from here."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from fastapi import FastAPI, Request, Response

from api.client import Body, read_headers, target_of
from api.ring import Ring
from api.schema import privacy as schema
from api.schema.privacy import Anonymized, Modes, Scanned, Types
from appliance.audit import Entry
from appliance.errors import RingfenceError
from appliance.identity import Principal
from appliance.identity.roles import INFERENCE
from appliance.limits import Estimate, Ticket
from appliance.log import request_id
from appliance.privacy.catalogue import entries
from appliance.privacy.choice import choice_of
from appliance.privacy.explanation import Explanation, explain
from appliance.privacy.policy import PLACES
from appliance.privacy.privacy import Privacy

# The ledger takes 16 details of an entry, and one is the number of texts.
MOST_COUNTS = 15
UNMETERED = Estimate("", 0, 0)

Result = TypeVar("Result", Scanned, Anonymized, Explanation)
Look = Callable[[Privacy, str], Callable[[str], Result]]
"""How to look at the texts of a tenant."""


def add(app: FastAPI, ring: Ring, authenticated: Any) -> None:
    described: dict[str, Any] = {
        "tags": ["privacy"],
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": _schema()}}}},
        "responses": {"4XX": {"description": "An error in OpenAI's shape that names the parameter and the remedy."}},
    }

    @app.post(
        "/v1/privacy/scan",
        summary="Find what is personal or secret",
        response_description="`{spans}` of `text`, or `{results: [{spans}]}` of `texts`; places are in characters.",
        **described,
    )
    async def scan(request: Request) -> Response:
        return await _Inspection(ring, request, "privacy_scan").answer(_scanning)

    @app.post(
        "/v1/privacy/anonymize",
        summary="Mask what is personal or secret",
        response_description="`{text, counts}` of `text`, or `{results: [{text, counts}]}` of `texts`.",
        **described,
    )
    async def anonymize(request: Request) -> Response:
        return await _Inspection(ring, request, "privacy_anonymize").answer(_anonymizing)

    @app.post(
        "/v1/privacy/explain",
        summary="Find what is personal or secret, and show what engines would see under each policy",
        response_description="`{spans, sends}` of `text`, or `{results: [{spans, sends}]}` of `texts`.",
        **described,
    )
    async def explain_texts(request: Request) -> Response:
        return await _Inspection(ring, request, "privacy_explain").answer(_explaining)

    @app.get(
        "/v1/privacy/types",
        tags=["privacy"],
        summary="List every type that can be found, and what your policy does with it",
        response_description="`policy` and `names` as they are for you, and in `data` the types.",
    )
    async def list_types(caller: Principal = authenticated) -> Response:
        caller.require(INFERENCE)
        theirs = await ring.privacy.presidio_types()
        return Response(msgspec.json.encode(_types(ring, caller.tenant, theirs)), media_type="application/json")


def _schema() -> dict[str, Any]:
    _, components = msgspec.json.schema_components([schema.TextsRequest])
    described: dict[str, Any] = components[schema.TextsRequest.__name__]
    return described


def _types(ring: Ring, tenant: str, presidio: Mapping[str, Sequence[str]]) -> Types:
    chosen = ring.settings.privacy
    on_site, cloud = (ring.privacy.policy(tenant, place) for place in PLACES)
    return Types(
        tenant=tenant,
        policy={"on_site": Modes(on_site.mode, on_site.embeddings), "cloud": Modes(cloud.mode, cloud.embeddings)},
        names=chosen.names,
        data=entries(choice_of(chosen, tenant), on_site, cloud, presidio),
    )


def _scanning(privacy: Privacy, tenant: str) -> Callable[[str], Scanned]:
    vault = privacy.open(tenant)
    return lambda text: Scanned(vault.spans(text))


def _anonymizing(privacy: Privacy, tenant: str) -> Callable[[str], Anonymized]:
    # Who asks here wants it masked, also where engines may see all of it.
    policy = msgspec.structs.replace(privacy.policy(tenant), mode="mask")
    vault = privacy.open(tenant, policy)

    def anonymized(text: str) -> Anonymized:
        gone = Counter(each.type for each in vault.spans(text) if policy.action(each.type) != "keep")
        return Anonymized(vault.scrub(text), gone)

    return anonymized


def _explaining(privacy: Privacy, tenant: str) -> Callable[[str], Explanation]:
    return partial(explain, privacy, tenant)


class _Inspection:
    """One request, told like those in `api/chat.py`."""

    def __init__(self, ring: Ring, request: Request, action: str) -> None:
        self._ring = ring
        self._request = request
        self._action = action
        self._begun = time.monotonic()
        self._body = Body(request.receive, ring.settings.server)
        self._counts: Counter[str] = Counter()
        self._texts = 0

    async def answer(self, look: Look[Result]) -> Response:
        ring, scope = self._ring, self._request.scope
        headers = read_headers(scope)
        principal = await ring.identity.authenticate(headers, scope["method"], target_of(scope), self._body.read)
        ring.ledger.ensure_writable()
        ticket, code = None, RingfenceError.code
        try:
            principal.require(INFERENCE)
            asked = schema.read(await self._body.read())
            ticket = await ring.limits.admit(principal, UNMETERED)
            results = await self._results(principal.tenant, asked.all, look)
            code = "ok"
        except RingfenceError as error:
            code = error.code
            raise
        finally:
            self._record(principal, ticket, code)
        await ring.ledger.durable()
        body = msgspec.json.encode({"results": results} if asked.text is None else results[0])
        return Response(body, media_type="application/json", headers=_decoded(ticket))

    async def _results(self, tenant: str, texts: list[str], look: Look[Result]) -> list[Result]:
        privacy = self._ring.privacy
        work = partial(_each, look(privacy, tenant), texts)
        results = await privacy.work(texts, work)
        self._texts = len(texts)
        for each in results:
            self._counts.update(each.counts)
        return results

    def _record(self, principal: Principal, ticket: Ticket | None, code: str) -> None:
        if ticket is not None:
            self._ring.limits.settle(ticket, 0, 0)
        counts = {kind.lower(): count for kind, count in self._counts.most_common(MOST_COUNTS)}
        entry = Entry(
            request_id=request_id.get(),
            action=self._action,
            user=principal.user,
            key=principal.key,
            code=code,
            milliseconds=round((time.monotonic() - self._begun) * 1000),
            details={"texts": self._texts, **counts},
        )
        self._ring.ledger.record(principal.tenant, entry)


def _each(step: Callable[[str], Result], texts: list[str]) -> list[Result]:
    return [step(text) for text in texts]


def _decoded(ticket: Ticket) -> Mapping[str, str]:
    return {name.decode(): value.decode() for name, value in ticket.headers}
