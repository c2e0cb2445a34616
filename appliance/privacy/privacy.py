"""Privacy of one process: what finds, what it remembers, and each tenant's policy."""

import asyncio
import hmac
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from appliance import settings
from appliance.errors import InvalidRequest
from appliance.privacy.choice import check_types, choice_of, lowest
from appliance.privacy.finders import finder_of, presidio_types
from appliance.privacy.kinds import Kinds
from appliance.privacy.operators import Operators
from appliance.privacy.people.namefinders import Weights
from appliance.privacy.policy import PLACES, Policy, tenant_policy
from appliance.privacy.pool import Pool, PoolSettings
from appliance.privacy.record import FIELD, Record, scope_of, terms_of
from appliance.privacy.scanners import Scanners
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.memory import Memory
from appliance.privacy.scrubbed import Scrubbed
from appliance.privacy.span import Span
from appliance.privacy.vault import Vault
from appliance.settings import Place

# What is checked at once takes about a millisecond; more would make other callers wait.
AT_ONCE_BYTES = 2_000
# Parts of answers that may be searched; others wait, because an answer that has begun is not refused for a queue.
ANSWERS_AT_ONCE = PoolSettings().waiting // 2
NOBODY = ""
"""A tenant that chose nothing."""
UNKNOWN = Weights()

Done = TypeVar("Done")


class _Tenant(Struct, frozen=True):
    key: bytes
    detector: Detector
    policies: Mapping[Place, Policy]
    types: frozenset[str]


class Privacy:
    """`folder` keeps what was compiled; `rampart` are the weights that find names, where the settings want them."""

    def __init__(self, chosen: settings.Privacy, key: bytes, folder: Path, rampart: Weights = UNKNOWN) -> None:
        self._chosen = chosen
        self._key = key
        self._folder = folder
        check_types(chosen)
        choices = [choice_of(chosen, tenant) for tenant in (NOBODY, *chosen.tenants)]
        floor = lowest(choices).threshold
        self._scanners = Scanners(choices, deadline_seconds=chosen.deadline_seconds, floor=floor)
        self._memory = Memory(chosen.memory_bytes)
        self._tenants: dict[str, _Tenant] = {}
        self._finder = finder_of(chosen, rampart)
        self._operators = Operators(chosen.presidio.operators)
        self._presidio_types: Mapping[str, Sequence[str]] | None = None
        self._pool = Pool(PoolSettings())
        self._revealing = asyncio.Semaphore(ANSWERS_AT_ONCE)

    async def start(self) -> None:
        await asyncio.to_thread(self.prepare)

    async def close(self) -> None:
        self._pool.close()
        self._scanners.close()

    def prepare(self) -> None:
        """Takes many seconds where it was never done before."""
        self._scanners.prepare(self._folder)
        if self._finder:
            self._finder.prepare()
        self._operators.prepare()

    def is_prepared(self) -> bool:
        return self._scanners.is_prepared(self._folder)

    def open(
        self, tenant: str, policy: Policy | None = None, record: Record | None = None, *, place: Place = "on_site"
    ) -> Vault:
        """The vault of one request to engines there; `policy` stands in for the tenant's, `record` is of whom it is
        about."""
        of = self._tenant(tenant)
        policy = policy or of.policies[place]
        if not record:
            return Vault(of.key, of.detector.find, policy, self._memory)
        _check_record(record, of.types)
        find = partial(of.detector.find, record=terms_of(record))
        return Vault(of.key, find, policy, self._memory, scope_of(record))

    def policy(self, tenant: str, place: Place = "on_site") -> Policy:
        return self._tenant(tenant).policies[place]

    async def presidio_types(self) -> Mapping[str, Sequence[str]]:
        if self._presidio_types is None:
            self._presidio_types = await self._pool.run(presidio_types, self._chosen)
        return self._presidio_types

    def find(self, tenant: str, text: str) -> tuple[Span, ...]:
        return self._tenant(tenant).detector.find(text)

    def _tenant(self, name: str) -> "_Tenant":
        known = self._tenants.get(name)
        if known is None:
            known = self._tenants[name] = self._read(name)
        return known

    def _read(self, name: str) -> "_Tenant":
        choice = choice_of(self._chosen, name)
        detector = Detector(
            self._scanners.of(choice),
            self._finder,
            Kinds(choice.thresholds),
            allow=choice.allow,
            deny=choice.deny,
        )
        key = hmac.digest(self._key, name.encode(), "sha256")
        policies = {place: tenant_policy(self._chosen, name, place, self._operators) for place in PLACES}
        return _Tenant(key, detector, policies, choice.types)

    async def seal(self, vault: Vault, task: str, body: bytes) -> Scrubbed:
        """The body as the policy lets an engine have it."""
        if len(body) > AT_ONCE_BYTES or (self._finder and self._may_find(vault.unseen(task, body))):
            return await self._pool.run(vault.seal, task, body)
        return vault.seal(task, body)

    async def reveal(self, vault: Vault, step: Callable[[], Done], size: int = 0) -> Done:
        """A step that tells a part of an answer, of so many bytes."""
        if not vault.told.editors:
            return step()
        async with self._revealing:
            if size <= AT_ONCE_BYTES and self._finder is None:
                return step()
            return await self._pool.run(step)

    async def work(self, texts: Sequence[str], step: Callable[[], Done]) -> Done:
        """A step that searches these texts; off the event loop when they are long, or the model has to read them."""
        if sum(map(len, texts)) > AT_ONCE_BYTES or self._may_find(texts):
            return await self._pool.run(step)
        return step()

    def _may_find(self, texts: Iterable[str]) -> bool:
        return self._finder is not None and any(map(self._finder.may_find, texts))


def _check_record(record: Record, known: Container[str]) -> None:
    for kind in record:
        if kind not in known:
            raise InvalidRequest(
                f"'{FIELD}' names a type that there is not. `ringfence privacy types` lists them.", param=FIELD
            )
