"""Every table of the database. A change here needs a migration in `migrations/versions`."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Constraints need names that are the same on both databases, or a downgrade cannot drop them.
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware UTC time, stored as microseconds since the epoch so that both databases order it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was to be stored; use datetime.now(UTC)")
        return round(value.timestamp() * 1_000_000)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1_000_000, UTC)


class Table(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment, int: BigInteger}


# Identity


class Tenants(Table):
    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Users(Table):
    __tablename__ = "users"

    tenant_id: Mapped[str] = mapped_column(ForeignKey(Tenants.id), primary_key=True)
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    role: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class ApiKeys(Table):
    """Either a user's key, which takes his role, or one with a role of its own."""

    __tablename__ = "api_keys"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], [Users.tenant_id, Users.id]),
        CheckConstraint("(user_id IS NULL) <> (role IS NULL)", name="user_or_role"),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey(Tenants.id), index=True)
    user_id: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[str | None] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # none: a signing key, see keys.py
    scopes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    models: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    successor: Mapped[str | None] = mapped_column(String(24))


class Nonces(Table):
    """Signed requests that were already accepted; the primary key refuses the second one on every replica."""

    __tablename__ = "nonces"

    key_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Stamps(Table):
    """Counts the changes to what processes hold in memory, one row for each kind of thing."""

    __tablename__ = "stamps"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]


# Privacy


class SubjectKeys(Table):
    """The key of one customer's kept values, wrapped; see `privacy.envelope`. Erasing it erases them."""

    __tablename__ = "subject_keys"

    tenant: Mapped[str] = mapped_column(String(63), primary_key=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary(60))
    used_at: Mapped[datetime] = mapped_column(index=True)


class KeptValues(Table):
    """A value behind a placeholder, kept for later requests of its conversation."""

    __tablename__ = "kept_values"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "subject"], [SubjectKeys.tenant, SubjectKeys.subject], ondelete="CASCADE"),
    )

    tenant: Mapped[str] = mapped_column(String(63), primary_key=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    conversation: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    placeholder: Mapped[str] = mapped_column(String(80), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(index=True)


# Knowledge


class Collections(Table):
    """Documents that are kept and searched together."""

    __tablename__ = "collections"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ForeignKey(Tenants.id))
    name: Mapped[str] = mapped_column(String(100))
    privacy: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(16))  # of documents that do not say theirs
    access: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]


class CollectionFiles(Table):
    """A file as its source has it. What its digest says was read is in the index, whole."""

    __tablename__ = "collection_files"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    collection_id: Mapped[str] = mapped_column(ForeignKey(Collections.id, ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # none: it is to be read again
    embedder: Mapped[str] = mapped_column(String(200))  # empty: vectors of several, or none
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class Documents(Table):
    """One of a file's documents. It is named here before the index gets it, and after the index has lost it."""

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey(CollectionFiles.id, ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    passages: Mapped[int]
    code: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    notes: Mapped[list[str]] = mapped_column(JSON)


# Audit


class LedgerBlocks(Table):
    """What one writer stored for one tenant in one commit; see `audit.chain`. Triggers refuse change and removal."""

    __tablename__ = "ledger_blocks"
    __table_args__ = (Index("ix_ledger_blocks_time", "tenant", "latest", "earliest"),)

    tenant: Mapped[str] = mapped_column(String(128), primary_key=True)
    writer: Mapped[str] = mapped_column(String(128), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int]
    count: Mapped[int]
    earliest: Mapped[int]
    latest: Mapped[int]
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    parents: Mapped[bytes] = mapped_column(LargeBinary)
    tags: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


# Limits


class LimitRules(Table):
    """A limit of one subject that replaces the default of the settings."""

    __tablename__ = "limit_rules"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    amount: Mapped[int]


class LimitMeters(Table):
    """How much of a limit is taken in its present window, see `budget.Balance`."""

    __tablename__ = "limit_meters"

    meter: Mapped[str] = mapped_column(Text, primary_key=True)
    window: Mapped[int]
    taken: Mapped[int]
    spent: Mapped[int]
    touched_at: Mapped[datetime] = mapped_column(index=True)


class LimitSlots(Table):
    """Concurrent requests that a worker may run; they fall free when it stops renewing them."""

    __tablename__ = "limit_slots"

    meter: Mapped[str] = mapped_column(Text, primary_key=True)
    worker: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    held: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)
