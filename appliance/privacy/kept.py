"""Values that are kept from one request of a conversation to the next, where `privacy.keep_days` says so.

A conversation belongs to one caller of one tenant, and its values to one subject: the customer whom it is about.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, exc, func, select

from appliance.db import Database
from appliance.errors import PrivacyUnavailable, Unavailable
from appliance.privacy.envelope import Envelope
from appliance.privacy.placeholder import Reach, Secret
from appliance.tables import KeptValues, SubjectKeys

MOST_VALUES = 1_000
"""Of one subject in one conversation."""
TIDY_SECONDS = 3_600.0

log = logging.getLogger(__name__)


class Conversation(Struct, frozen=True):
    tenant: str
    caller: tuple[str, str]
    """What kind of caller, and which: nobody else's session of this name is the same."""
    session: str
    subject: str


class Forgotten(Struct, frozen=True):
    subject: str
    """A digest: it names nobody, and is the same whenever this subject is forgotten."""
    erased: bool
    """Whether there was a key to erase."""
    conversations: int
    values: int

    @property
    def details(self) -> dict[str, int | str]:
        """For the ledger."""
        return {"subject": self.subject, "conversations": self.conversations, "values": self.values}


class _Value(Struct, array_like=True):
    text: str
    reach: int


class Kept:
    """`days` is how long; 0 keeps nothing, and drops at the start what is there."""

    def __init__(self, database: Database, key: bytes, days: int) -> None:
        self._database = database
        self._key = key
        self._days = timedelta(days=days)
        self._tidying: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        return bool(self._days)

    async def start(self) -> None:
        if self.is_on:
            # Importing what encrypts takes 50 ms, for which no request should wait.
            await asyncio.to_thread(Envelope(self._key, "").new_key, b"")
        self._tidying = asyncio.create_task(self._keep_tidy(), name="kept values")

    async def close(self) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
            with suppress(asyncio.CancelledError):
                await self._tidying

    async def load(self, of: Conversation) -> list[Secret]:
        """What earlier requests of the conversation held."""
        envelope = Envelope(self._key, of.tenant)
        with _translated("What was kept of this conversation cannot be read. Try again."):
            return await self._database.apart(lambda connection: self._load(connection, envelope, of), reads=True)

    async def save(self, of: Conversation, secrets: Sequence[Secret]) -> int:
        """Keeps those for which there is room; returns how many that are."""
        envelope = Envelope(self._key, of.tenant)
        with _translated("Values of the conversation cannot be kept. See `ringfence doctor`."):
            return await self._database.apart(lambda connection: self._save(connection, envelope, of, secrets))

    async def forget(self, tenant: str, subject: str) -> Forgotten:
        """Erases the key of a subject, and what was under it."""
        name = Envelope(self._key, tenant).name("subject", subject)
        with _translated("What was kept of the subject cannot be erased. Check the database, and try again."):
            forgotten = await self._database.apart(lambda connection: self._forget(connection, tenant, name))
            await self._database.empty_log()
        return forgotten

    async def tidy(self) -> None:
        """Drops what is too old."""
        await self._database.apart(self._tidy)

    def _oldest(self) -> datetime:
        return datetime.now(UTC) - self._days

    def _load(self, connection: Connection, envelope: Envelope, of: Conversation) -> list[Secret]:
        subject, conversation = _names(envelope, of)
        mine = KeptValues.tenant == of.tenant, KeptValues.subject == subject, KeptValues.conversation == conversation
        rows = connection.execute(
            select(KeptValues.placeholder, KeptValues.sealed, SubjectKeys.wrapped)
            .join(SubjectKeys)
            .where(*mine, KeptValues.kept_at > self._oldest())
            .limit(MOST_VALUES)
        ).all()
        if not rows:
            return []
        box = envelope.open(subject, rows[0].wrapped)
        secrets = []
        for row in rows:
            kind, _, digest = row.placeholder.rpartition("_")
            clear = box.open(row.sealed, conversation, row.placeholder.encode())
            value = msgspec.json.decode(clear, type=_Value)
            secrets.append(Secret(kind, digest, value.text, Reach(value.reach)))
        return secrets

    def _save(self, connection: Connection, envelope: Envelope, of: Conversation, secrets: Sequence[Secret]) -> int:
        subject, conversation = _names(envelope, of)
        now = datetime.now(UTC)
        box = envelope.open(subject, self._wrapped(connection, envelope, subject, now))
        mine = KeptValues.tenant == of.tenant, KeptValues.subject == subject, KeptValues.conversation == conversation
        taken = connection.scalar(select(func.count()).select_from(KeptValues).where(*mine)) or 0
        rows = []
        for secret in secrets[: max(MOST_VALUES - taken, 0)]:
            placeholder = f"{secret.kind}_{secret.digest}"
            clear = msgspec.json.encode(_Value(secret.value, secret.reach))
            rows.append(
                {
                    "tenant": of.tenant,
                    "subject": subject,
                    "conversation": conversation,
                    "placeholder": placeholder,
                    "sealed": box.seal(clear, conversation, placeholder.encode()),
                    "kept_at": now,
                }
            )
        if rows:
            new = self._database.insert(KeptValues)
            again = {"sealed": new.excluded.sealed, "kept_at": new.excluded.kept_at}
            key = list(KeptValues.__table__.primary_key)
            connection.execute(new.on_conflict_do_update(index_elements=key, set_=again), rows)
        return len(rows)

    def _wrapped(self, connection: Connection, envelope: Envelope, subject: bytes, now: datetime) -> bytes:
        """The subject's key, made where there is none; held until the transaction ends."""
        mine = SubjectKeys.tenant == envelope.tenant, SubjectKeys.subject == subject
        new = self._database.insert(SubjectKeys).values(
            tenant=envelope.tenant, subject=subject, wrapped=envelope.new_key(subject), used_at=now
        )
        used = new.on_conflict_do_update(index_elements=["tenant", "subject"], set_={"used_at": now})
        connection.execute(used)
        return connection.execute(select(SubjectKeys.wrapped).where(*mine)).scalar_one()

    def _forget(self, connection: Connection, tenant: str, subject: bytes) -> Forgotten:
        if self._database.is_sqlite:
            # Else what is deleted stays in the file until other rows take its place.
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        mine = KeptValues.tenant == tenant, KeptValues.subject == subject
        counted = select(func.count(KeptValues.conversation.distinct()), func.count()).where(*mine)
        conversations, values = connection.execute(counted).one()
        # The key takes the values along.
        gone = connection.execute(
            delete(SubjectKeys).where(SubjectKeys.tenant == tenant, SubjectKeys.subject == subject)
        )
        return Forgotten(subject[:8].hex(), gone.rowcount > 0, conversations, values)

    def _tidy(self, connection: Connection) -> None:
        oldest = self._oldest()
        connection.execute(delete(SubjectKeys).where(SubjectKeys.used_at <= oldest))
        connection.execute(delete(KeptValues).where(KeptValues.kept_at <= oldest))

    async def _keep_tidy(self) -> None:
        while True:
            try:
                await self.tidy()
            except (Unavailable, exc.SQLAlchemyError) as error:
                log.warning("kept values could not be looked through; tried again later: %s", type(error).__name__)
            await asyncio.sleep(TIDY_SECONDS)


@contextmanager
def _translated(message: str) -> Iterator[None]:
    try:
        yield
    except PrivacyUnavailable:
        raise
    except (Unavailable, exc.SQLAlchemyError) as error:
        raise PrivacyUnavailable(message) from error


def _names(envelope: Envelope, of: Conversation) -> tuple[bytes, bytes]:
    """Digests of the subject and of the conversation."""
    return envelope.name("subject", of.subject), envelope.name("conversation", *of.caller, of.session)
