"""Reads the ledger back: `verify` looks for every change, `export` hands the entries out."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy import and_, true

from appliance.audit.anchor import Anchor
from appliance.audit.chain import Block, Head, TenantKeys, decode_heads
from appliance.audit.entry import is_plain
from appliance.audit.inspection import Finding, Inspection
from appliance.audit.store import GARBLED, LedgerStore
from appliance.db import Database
from appliance.errors import StorageError
from appliance.tables import LedgerBlocks

MOST_FINDINGS = 1_000

ChainName = tuple[str, str]  # tenant and writer


class Report(Struct):
    """What `verify` saw; the ledger is as it was written when there are no findings."""

    chains: int = 0
    blocks: int = 0
    entries: int = 0
    findings: list[Finding] = []
    complete: bool = True  # no: it stopped at `MOST_FINDINGS`, or at rows that cannot be read

    @property
    def clean(self) -> bool:
        return not self.findings


async def verify(database: Database, key: bytes, anchors: Sequence[Path]) -> Report:
    """Reads every block in bounded memory while writers go on. Each machine that writes has its anchor."""
    report = Report()
    try:
        async with aclosing(_Reading(database, key, anchors, report).findings()) as findings:
            async for finding in findings:
                report.findings.append(finding)
                if len(report.findings) == MOST_FINDINGS:
                    report.complete = False
                    break
    except StorageError as error:
        if error.code != GARBLED:
            raise
        report.findings.append(Finding(kind="altered", text=error.message))
        report.complete = False
    return report


async def export(
    database: Database,
    tenant: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AsyncIterator[bytes]:
    """JSON lines, chain by chain. `until` itself is not included."""
    start = _microseconds(since) if since else 0
    stop = _microseconds(until) if until else 1 << 62
    in_time = and_(LedgerBlocks.latest >= start, LedgerBlocks.earliest < stop)
    of_tenant = LedgerBlocks.tenant == tenant if tenant is not None else true()
    async for block in LedgerStore(database).blocks(and_(in_time, of_tenant)):
        for number, line in enumerate(block.lines, block.first):
            if start <= _time_of(line, block) < stop:
                yield b'{"tenant":"%b","writer":"%b","number":%d,%b\n' % (
                    block.tenant.encode(),
                    block.writer.encode(),
                    number,
                    line[1:],
                )


class _Reading:
    def __init__(self, database: Database, key: bytes, anchors: Sequence[Path], report: Report) -> None:
        self._store = LedgerStore(database)
        self._key = key
        self._anchors = [Anchor(file, key) for file in anchors]
        self._report = report
        self._vouched: dict[ChainName, dict[int, bytes]] = {}
        self._strangers: list[ChainName] = []

    async def findings(self) -> AsyncGenerator[Finding]:
        # The anchors first: they are never ahead of the database, so what they hold now must be found in it.
        damage = [finding for anchor in self._anchors for finding in self._read(anchor)]
        for finding in damage:
            yield finding
        await self._read_parents()
        async for finding in self._inspect():
            yield finding
        for (tenant, writer), vouched in self._vouched.items():
            for finding in Inspection(TenantKeys(self._key, tenant), writer, vouched).end():
                yield finding
        for finding in () if damage else self._unknown():
            yield finding

    def _read(self, anchor: Anchor) -> Iterator[Finding]:
        try:
            self._vouch(anchor.read().values())
        except StorageError as error:
            yield Finding(kind="anchor", text=error.message)

    def _vouch(self, heads: Iterable[Head]) -> None:
        for head in heads:
            chain = self._vouched.setdefault((head.tenant, head.writer), {})
            if head.sequence:
                chain[head.sequence] = head.mac

    async def _read_parents(self) -> None:
        async for block in self._store.blocks(LedgerBlocks.sequence == 1):
            if TenantKeys(self._key, block.tenant).is_genuine(block):
                self._vouch(decode_heads(block.parents))

    async def _inspect(self) -> AsyncIterator[Finding]:
        inspection: Inspection | None = None
        async for block in self._store.blocks():
            if inspection is None or not inspection.covers(block):
                for finding in inspection.end() if inspection else ():
                    yield finding
                inspection = self._begin((block.tenant, block.writer))
            self._report.blocks += 1
            self._report.entries += block.count
            for finding in inspection.take(block):
                yield finding
        for finding in inspection.end() if inspection else ():
            yield finding

    def _begin(self, chain: ChainName) -> Inspection:
        self._report.chains += 1
        vouched = self._vouched.pop(chain, None)
        if vouched is None:
            self._strangers.append(chain)
        return Inspection(TenantKeys(self._key, chain[0]), chain[1], vouched or {})

    def _unknown(self) -> Iterator[Finding]:
        """Chains whose end nobody remembers; those that began while we read are in an anchor by now."""
        missing = [anchor.file for anchor in self._anchors if not anchor.file.exists()]
        for file in missing if self._report.blocks else ():
            text = f"The anchor {file} is missing, so a cut at the end of a chain would not show."
            yield Finding(kind="anchor", text=text)
        if missing or not self._anchors:
            return
        known = {chain for anchor in self._anchors for chain in anchor.read()}
        for tenant, writer in self._strangers:
            if (tenant, writer) not in known:
                text = "No anchor and no other chain knows of this chain, so a cut at its end would not show."
                yield Finding(kind="unknown", text=text, tenant=tenant, writer=writer)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _time_of(line: bytes, block: Block) -> int:
    if not is_plain(line):
        raise StorageError(
            f"Block {block.sequence} of {block.tenant}/{block.writer} is damaged. Run `ringfence audit verify`.",
            code=GARBLED,
        )
    return int(line[len(b'{"at":') : line.index(b",")])
