"""The ledger: what was done, by whom, with which model and to what end; every later change to it shows.

`record` only appends to a list. A task of its own stores what has gathered, in one transaction for all
tenants: a group commit every `audit.batch_milliseconds`, or with `audit.durability = strict` as often as the
disk allows, while `durable` lets the caller wait for it. Commits reach the disk, so a power cut loses what
waits and no more.

While the ledger cannot be written, entries wait in memory up to a bound and `ensure_writable` refuses new
requests; the task tries again until it works. A commit of which nobody knows whether it took place is looked
up, not repeated.
"""

import asyncio
import logging
import secrets
import time
from pathlib import Path

from appliance.audit.anchor import Anchor
from appliance.audit.chain import Block, Chain, Head, Stamped, TenantKeys
from appliance.audit.entry import Entry, code, encode
from appliance.audit.store import LedgerStore
from appliance.db import Database
from appliance.errors import LedgerUnavailable, StorageError
from appliance.settings import Audit

__all__ = ["Entry", "Ledger"]

WAITING_BYTES = 16 << 20  # of entries that are not stored yet, about 60,000 of them
COMMIT_SECONDS = 10.0  # a commit that takes longer is given up and looked up later
STALL_SECONDS = 2.0  # and from here on new requests are refused
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
CLOSING_ATTEMPTS = 3

SILENT = "the database does not answer"

log = logging.getLogger(__name__)


class Ledger:
    """One process's writer of the ledger. All calls come from one event loop."""

    def __init__(self, database: Database, settings: Audit, key: bytes, anchor: Path, writer: str) -> None:
        self._database = database.durable()
        self._store = LedgerStore(self._database)
        self._anchor = Anchor(anchor, key)
        self._key = key
        # A run, not a name: a chain must never be continued by a process that does not know its end.
        self._writer = f"{code(writer, key)}.{time.time_ns() // 1_000_000:x}.{secrets.token_hex(4)}"
        self._strict = settings.durability == "strict"
        self._refuses = settings.on_failure == "refuse"
        self._pause = 0.0 if self._strict else settings.batch_milliseconds / 1000

        self._keys: dict[str, TenantKeys] = {}
        self._chains: dict[str, Chain] = {}
        self._waiting: dict[str, list[Stamped]] = {}
        self._waiting_bytes = 0
        self._dropped: dict[str, int] = {}
        self._recorded = self._stored = 0

        self._sealed: list[Block] = []  # tried to store, outcome not known to be good
        self._tried = False
        self._ends: dict[str, Head] = {}  # stored, not yet in the anchor
        self._named: list[Head] = []

        self._trouble: str | None = "it was not started"
        self._wake = asyncio.Event()
        self._turn = asyncio.Event()  # replaced after each attempt to store
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises StorageError when the table or the anchor cannot be used."""
        await asyncio.to_thread(self._anchor.announce, [], self._writer)
        await self._store.probe()
        self._trouble = None
        self._task = asyncio.create_task(self._run(), name="ledger")

    async def close(self) -> None:
        """Stores what waits."""
        self._closing.set()
        self._wake.set()
        try:
            if self._task is not None:
                await self._task
        finally:
            self._trouble = "it is closed"
            await self._database.close()
            if self._recorded > self._stored:
                log.error("audit entries lost at the end: %d", self._recorded - self._stored)

    def ensure_writable(self) -> None:
        if self._trouble is not None and self._refuses:
            raise LedgerUnavailable(
                f"The audit ledger cannot be written ({self._trouble}), so requests are refused. "
                "It is tried again by itself; see `ringfence doctor`, or choose audit.on_failure = continue."
            )

    def record(self, tenant: str, entry: Entry) -> None:
        keys = self._keys.get(tenant) or self._derive(tenant)
        if self._waiting_bytes >= WAITING_BYTES:
            self._dropped[tenant] = self._dropped.get(tenant, 0) + 1
            return
        self._append(keys, entry)

    async def durable(self) -> None:
        """With strict durability, returns when everything recorded so far is stored."""
        if not self._strict:
            return
        target = self._recorded
        while self._stored < target:
            self.ensure_writable()
            if self._trouble is not None:
                return
            await self._turn.wait()

    def _append(self, keys: TenantKeys, entry: Entry) -> None:
        at = time.time_ns() // 1000
        line = encode(entry, at, keys.text)
        stamped = self._waiting.get(keys.tenant)
        if stamped is None:
            stamped = self._waiting[keys.tenant] = []
            self._wake.set()
        stamped.append((at, line))
        self._waiting_bytes += len(line)
        self._recorded += 1

    def _derive(self, tenant: str) -> TenantKeys:
        keys = self._keys[tenant] = TenantKeys(self._key, code(tenant, self._key))
        return keys

    async def _run(self) -> None:
        failures = 0
        try:
            while True:
                await self._wake.wait()
                await self._rest(_backoff(failures) if failures else self._pause)
                self._wake.clear()
                failures = 0 if await self._write() else failures + 1
                if self._unfinished:
                    self._wake.set()
                if self._closing.is_set() and (not self._unfinished or failures >= CLOSING_ATTEMPTS):
                    return
        except BaseException:
            self._fail("its task has ended")
            raise

    async def _rest(self, seconds: float) -> None:
        if seconds:
            try:
                await asyncio.wait_for(self._closing.wait(), seconds)
            except TimeoutError:
                return

    @property
    def _unfinished(self) -> bool:
        return bool(self._waiting or self._sealed or self._ends)

    async def _write(self) -> bool:
        """One attempt to store and to anchor everything; whether it went well."""
        stall = asyncio.get_running_loop().call_later(STALL_SECONDS, self._fail, SILENT)
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await self._commit()
                await self._remember()
        except StorageError as error:
            self._fail(error.code)
            return False
        except TimeoutError:
            self._fail(SILENT)
            return False
        finally:
            stall.cancel()
        if self._trouble is not None:
            log.warning("the audit ledger is written again")
            self._trouble = None
        return True

    async def _commit(self) -> None:
        if not self._sealed:
            await self._open([tenant for tenant in self._waiting if tenant not in self._chains])
            self._seal()
        if self._sealed:
            again, self._tried = self._tried, True
            await self._store.append(self._sealed, again=again)
            self._settle()

    async def _open(self, tenants: list[str]) -> None:
        """Begins chains, whose first blocks will name the ends of all that the anchor knows."""
        if not tenants:
            return
        remembered = await asyncio.to_thread(self._anchor.announce, tenants, self._writer)
        parents: dict[str, list[Head]] = {tenant: [] for tenant in tenants}
        for head in remembered:
            # Its process may have died after the commit and before the anchor.
            stored = await self._store.end(head)
            ahead = stored is not None and stored.sequence > head.sequence
            genuine = stored is not None and self._keys_of(head.tenant).is_genuine(stored)
            parents[head.tenant].append(stored.head if stored is not None and ahead and genuine else head)
        for tenant in tenants:
            self._chains[tenant] = Chain(self._keys_of(tenant), self._writer, parents[tenant])

    def _seal(self) -> None:
        # A tenant that came while chains were opened has none yet, and waits for the next turn.
        for tenant in self._waiting.keys() & self._chains.keys():
            self._sealed.extend(self._chains[tenant].seal(self._waiting.pop(tenant)))
        self._tried = False

    def _settle(self) -> None:
        for block in self._sealed:
            self._stored += block.count
            self._waiting_bytes -= len(block.body) - block.count + 1
            self._ends[block.tenant] = block.head
            if block.sequence == 1:
                self._named.extend(self._chains[block.tenant].parents)
        self._sealed = []
        dropped, self._dropped = self._dropped, {}
        for tenant, count in dropped.items():
            self._append(self._keys_of(tenant), Entry(action="gap", details={"dropped": count}))
        self._next_turn()

    async def _remember(self) -> None:
        if self._ends:
            await asyncio.to_thread(self._anchor.advance, list(self._ends.values()), self._named)
            self._ends, self._named = {}, []

    def _fail(self, trouble: str) -> None:
        if self._trouble is None:
            log.error("the audit ledger cannot be written: %s", trouble)
        self._trouble = trouble
        self._next_turn()

    def _next_turn(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    def _keys_of(self, tenant: str) -> TenantKeys:
        return self._keys.get(tenant) or self._derive(tenant)


def _backoff(failures: int) -> float:
    return BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1]
