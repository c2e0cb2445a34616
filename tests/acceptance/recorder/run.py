"""One run of the whole product before an engine that records: all is sent once, then what was kept is collected."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.acceptance.product import Appliance, appliance
from tests.acceptance.recorder import fields, headers, languages, manners, people, refusals, shapes
from tests.acceptance.recorder.background import in_background
from tests.acceptance.recorder.case import Case
from tests.acceptance.recorder.sending import Answer, Refused, send, send_refusals
from tests.acceptance.recorder.upstream import CLOUD, EMBEDDER, ENGINES, Upstream, recording
from tests.acceptance.recorder.values import Mint
from tests.integration.collector import Collector, collecting

SEED = 20260704
PEOPLE = 200
SILENCE_SECONDS = 3.0
BODY_LIMIT = 1 << 20
FAMILIES = {
    "fields": fields.cases,
    "labelled": fields.labelled,
    "types": manners.types,
    "manners": manners.cases,
    "shapes": shapes.cases,
    "languages": languages.cases,
    "headers": headers.cases,
    "records": people.records,
    "answers": people.answers,
}
TERMS = "terms"
NAMES = 6
OTHER, OPEN, CLOSED = "other", "open", "closed"
TENANTS = OTHER, OPEN, CLOSED
"""One like the first, one whose engines may see everything, one whose engines may see nothing personal."""


@dataclass(frozen=True)
class Run:
    engine: Upstream
    answers: Mapping[str, Sequence[Answer]]
    people: Mapping[str, Sequence[Answer]]
    """By tenant."""
    refused: Mapping[str, Sequence[Refused]]
    kept: Mapping[str, bytes]
    """What was written of it all: logs, files, metrics, spans."""
    spans: int
    stored: Mapping[str, int]
    """Rows of each table."""
    values: frozenset[str]
    """All that were drawn, and no engine or file may hold."""


def run(folder: Path) -> Run:
    (folder / "shelf" / "models").mkdir(parents=True)
    mint = Mint(SEED)
    names = [mint("person") for _ in range(NAMES)]
    with (
        in_background(recording) as engine,
        in_background(collecting) as collector,
        appliance(folder / "ringfence", folder / "shelf", _settings(engine, collector, names)) as product,
    ):
        return _Sender(product, engine, collector, mint).run(names)


class _Sender:
    def __init__(self, product: Appliance, engine: Upstream, collector: Collector, mint: Mint) -> None:
        self._product = product
        self._engine = engine
        self._collector = collector
        self._mint = mint
        with ThreadPoolExecutor() as commands:  # each starts a Python
            keys = commands.map(partial(_new_tenant, product), TENANTS)
        self._keys = {"default": product.key, **dict(zip(TENANTS, keys, strict=True))}

    def run(self, names: Sequence[str]) -> Run:
        answers = {name: self._answers(name, partial(cases, self._mint)) for name, cases in FAMILIES.items()}
        answers[TERMS] = self._answers(TERMS, partial(manners.terms, names))
        answers[CLOUD] = self._answers(CLOUD, partial(manners.cloud, self._mint), OPEN)
        talked = asyncio.run(self._people())
        refused = asyncio.run(self._refusals())
        metrics = self._product.get("/metrics", self._product.key)[1]
        ready = self._product.get("/health/ready")[1]
        assert self._product.stop() == 0
        kept = {"metrics": metrics, "health": ready, "spans": b"".join(self._collector.bodies), **_files(self._product)}
        return Run(
            engine=self._engine,
            answers=answers,
            people=talked,
            refused=refused,
            kept=kept,
            spans=len(self._collector.spans),
            stored=_rows(self._product.var / "ringfence.db"),
            values=self._mint.drawn,
        )

    def _answers(
        self, family: str, cases: Callable[[bool], Iterable[Case]], tenant: str = "default"
    ) -> Sequence[Answer]:
        both = [*cases(False), *cases(True)]
        return asyncio.run(send(self._product.url, self._keys[tenant], both, family))

    async def _people(self) -> Mapping[str, Sequence[Answer]]:
        shared = self._mint("mail")
        tenants = ("default", OTHER)
        said = [
            send(self._product.url, self._keys[tenant], people.people(self._mint, PEOPLE // 2, shared), tenant, PEOPLE)
            for tenant in tenants
        ]
        return dict(zip(tenants, await asyncio.gather(*said), strict=True))

    async def _refusals(self) -> Mapping[str, Sequence[Refused]]:
        ask = partial(send_refusals, self._product.url)
        mine = self._keys["default"]
        groups = {
            "wrong": ask(mine, refusals.wrong(self._mint)),
            "named": ask(mine, refusals.named(self._mint)),
            "broken": ask(mine, refusals.broken(self._mint)),
            "open": ask(self._keys[OPEN], refusals.broken(self._mint)),
            "looked at": ask(mine, refusals.looked_at(self._mint)),
            "closed": ask(self._keys[CLOSED], refusals.closed(self._mint)),
        }
        return dict(zip(groups, await asyncio.gather(*groups.values()), strict=True))


def _settings(engine: Upstream, collector: Collector, names: Sequence[str]) -> Mapping[str, Any]:
    kinds = {EMBEDDER: {"embeds": True}, CLOUD: {"place": "cloud"}}
    engines = [
        {"name": name, "kind": "vllm", "urls": [engine.url], "models": [*models], **kinds.get(name, {})}
        for name, models in ENGINES.items()
    ]
    tenants = {OPEN: {"policy": {"mode": "pass"}}, CLOSED: {"policy": {"mode": "refuse"}}}
    return {
        "engines": [{**each, "silence_seconds": SILENCE_SECONDS} for each in engines],
        "server": {"workers": 2, "body_limit": BODY_LIMIT},
        "log": {"level": "debug"},
        "trace": {"endpoint": collector.url},
        "limits": {"tenant": {"money_per_session": 10**12}, "prices": {"plain": {"prompt": 1}}},
        "privacy": {"names": "off", "keep_days": 30, "deny": dict.fromkeys(names, "PERSON"), "tenants": tenants},
    }


def _new_tenant(product: Appliance, name: str) -> str:
    product.command("tenants", "create", name)
    return product.new_key("--tenant", name)[1]


def _files(product: Appliance) -> Mapping[str, bytes]:
    """Logs and everything that the product wrote, but for what it compiled."""
    return {
        str(path.relative_to(product.folder)): path.read_bytes()
        for path in product.folder.rglob("*")
        if path.is_file() and path.name != "ringfence.toml"
    }


def _rows(database: Path) -> Mapping[str, int]:
    with closing(sqlite3.connect(database)) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: opened.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
