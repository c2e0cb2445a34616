"""Turns a request's credential into a Principal: an API key, a JSON Web Token or a signature.

Nothing but the Authorization header says who is calling. Whatever is wrong with it, the answer is the same,
so that an attacker learns nothing from it. What the database said is remembered until the `identity` stamp
changes.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from hmac import compare_digest

from msgspec import Struct

from appliance import settings
from appliance.db import Database
from appliance.errors import Unauthenticated, Unavailable
from appliance.identity import signatures
from appliance.identity.directory import Directory, Found, check_pepper
from appliance.identity.keys import PREFIX, Mint, id_of
from appliance.identity.principal import Principal
from appliance.identity.tokens import Tokens
from appliance.stamps import IDENTITY, Watch

__all__ = ["Identity", "Principal"]

BEARER = b"bearer"
SIGNED = signatures.SCHEME.lower().encode()
REMEMBERED = 8192  # credentials
LOOKUP_SECONDS = 5.0
HOUSEKEEPING_SECONDS = 10.0

MISSING = "No credential was given. Send the header `Authorization: Bearer <API key>`."
REFUSED = (
    "The credential is not valid. Check that it is complete, that it has not expired or been revoked, and that "
    "your clock is right if you sign; or ask an administrator for a new one."
)

log = logging.getLogger(__name__)


class _Known(Struct, frozen=True):
    version: int | None
    principal: Principal | None  # none: looked for, and not to be let in
    digest: bytes | None  # of a bearer key
    expires_at: float


class Identity:
    def __init__(
        self,
        database: Database,
        settings: settings.Identity,
        pepper: bytes,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._directory = Directory(database)
        self._watch = Watch(database, IDENTITY)
        self._mint = Mint(pepper)
        self._tokens = Tokens(settings.jwt) if settings.jwt.issuer else None
        self._clock = clock
        self._window = settings.signature_window_seconds
        self._known: dict[bytes, _Known] = {}
        self._asking: dict[tuple[int, bytes], asyncio.Task[_Known]] = {}
        self._used: dict[str, float] = {}
        self._housekeeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        async with self._database.read() as connection:
            await check_pepper(connection, self._mint)
        await self._watch.start()
        self._housekeeping = asyncio.create_task(self._keep_house(), name="identity housekeeping")

    async def close(self) -> None:
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._housekeeping
        await self._watch.close()
        with suppress(Unavailable):
            await self.tidy()

    async def authenticate(
        self,
        headers: Mapping[bytes, bytes],
        method: str,
        path: str,
        body: Callable[[], Awaitable[bytes]],
    ) -> Principal:
        """`path` is the request's as it was sent, with its query; `body` is read for a signature only."""
        credential = headers.get(b"authorization")
        if credential is None:
            raise Unauthenticated(MISSING)
        scheme, _, rest = credential.partition(b" ")
        scheme = scheme.lower()
        if scheme == BEARER:
            return await (self._by_key(rest) if rest.startswith(PREFIX) else self._by_token(rest))
        if scheme == SIGNED:
            return await self._by_signature(rest, method, path, body)
        raise Unauthenticated(REFUSED)

    async def _by_key(self, text: bytes) -> Principal:
        known = await self._key(id_of(text))
        if not compare_digest(self._mint.digest(text), known.digest or b""):
            raise Unauthenticated(REFUSED)
        return self._use(known)

    async def _by_token(self, text: bytes) -> Principal:
        if self._tokens is None:
            raise Unauthenticated(REFUSED)
        name = self._tokens.fingerprint(text)
        known = self._recall(name)
        if known is None:
            verified = self._tokens.verify(text)
            if verified is None:
                raise Unauthenticated(REFUSED)
            known = await self._learn(name, lambda: self._directory.subject(verified.subject, verified.expires_at))
        return self._use(known)

    async def _by_signature(
        self, fields: bytes, method: str, path: str, body: Callable[[], Awaitable[bytes]]
    ) -> Principal:
        signature = signatures.parse(fields)
        if signature is None or abs(self._clock() - signature.timestamp) > self._window:
            raise Unauthenticated(REFUSED)
        known = await self._key(signature.key_id.encode())
        principal = self._use(known)
        if known.digest is not None:  # a bearer key
            raise Unauthenticated(REFUSED)
        request = signatures.Request(method, path, await body())
        signing_key = self._mint.signing_text(signature.key_id)
        expected = signatures.compute(signing_key, request, signature.timestamp, signature.nonce)
        if not compare_digest(expected, signature.value):
            raise Unauthenticated(REFUSED)
        # Clocks may differ by up to a window: kept until no replica would take the timestamp any more.
        until = signature.timestamp + 2 * self._window
        if not await self._directory.spend_nonce(signature.key_id, signature.nonce, until):
            raise Unauthenticated(REFUSED)
        return principal

    async def _key(self, key_id: bytes) -> _Known:
        known = self._recall(key_id)
        if known is not None:
            return known
        if not self._mint.made(key_id):
            raise Unauthenticated(REFUSED)
        return await self._learn(key_id, lambda: self._directory.key(key_id.decode()))

    def _use(self, known: _Known) -> Principal:
        now = self._clock()
        if known.principal is None or now >= known.expires_at:
            raise Unauthenticated(REFUSED)
        if known.principal.key is not None:
            self._used[known.principal.key] = now
        return known.principal

    def _recall(self, name: bytes) -> _Known | None:
        version = self._watch.version()
        known = self._known.get(name)
        return known if known is not None and known.version == version else None

    async def _learn(self, name: bytes, ask: Callable[[], Awaitable[Found | None]]) -> _Known:
        """Asks the database; requests that need the same answer at the same time share one question."""
        version = self._watch.version()
        if version is None:
            return await self._ask(version, ask)
        asking = self._asking.get((version, name))
        if asking is None:
            asking = asyncio.create_task(self._ask(version, ask))
            self._asking[version, name] = asking
            asking.add_done_callback(lambda _: self._asking.pop((version, name)))
        known = await asyncio.shield(asking)
        if len(self._known) >= REMEMBERED and name not in self._known:
            del self._known[next(iter(self._known))]
        self._known[name] = known
        return known

    async def _ask(self, version: int | None, ask: Callable[[], Awaitable[Found | None]]) -> _Known:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                found = await ask()
        except TimeoutError as error:
            raise Unavailable(
                "The database takes too long to answer. Try again; if it lasts, check its load.",
                code="database_unavailable",
            ) from error
        if found is None:
            return _Known(version, None, None, math.inf)
        return _Known(version, found.principal, found.digest, found.expires_at)

    async def tidy(self) -> None:
        """Writes when keys were last used, and drops nonces whose requests are too old by now."""
        used, self._used = self._used, {}
        if used:
            try:
                await self._directory.remember_use(used)
            except Unavailable:
                self._used = used | self._used
                raise
        await self._directory.forget_nonces(self._clock())

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            try:
                await self.tidy()
            except Unavailable:
                log.warning("the times of last use could not be written; they are kept for the next attempt")
