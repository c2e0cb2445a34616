"""What the database says about a credential, as far as authentication asks."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.db import Database
from appliance.errors import ConfigError
from appliance.identity.keys import Mint
from appliance.identity.principal import Principal, Subject
from appliance.identity.roles import permissions
from appliance.tables import ApiKeys, Nonces, Tenants, Users

_KEY = (
    select(
        ApiKeys.id,
        ApiKeys.tenant_id,
        ApiKeys.user_id,
        ApiKeys.digest,
        ApiKeys.scopes,
        ApiKeys.models,
        ApiKeys.expires_at,
        ApiKeys.role.label("own_role"),
        Users.role.label("user_role"),
    )
    .join(Tenants, Tenants.id == ApiKeys.tenant_id)
    .outerjoin(Users, and_(Users.tenant_id == ApiKeys.tenant_id, Users.id == ApiKeys.user_id))
    .where(ApiKeys.revoked_at.is_(None), Tenants.disabled_at.is_(None), Users.disabled_at.is_(None))
)

_SUBJECT = (
    select(Users.role, Users.disabled_at)
    .select_from(Tenants)
    .outerjoin(Users, and_(Users.tenant_id == Tenants.id, Users.id == bindparam("user")))
    .where(Tenants.id == bindparam("tenant"), Tenants.disabled_at.is_(None))
)

_USED = (
    update(ApiKeys)
    .where(
        ApiKeys.id == bindparam("key"),
        or_(ApiKeys.last_used_at.is_(None), ApiKeys.last_used_at < bindparam("at")),
    )
    .values(last_used_at=bindparam("at"))
)


class Found(Struct, frozen=True):
    """A credential that may be used until it expires."""

    principal: Principal
    expires_at: float = math.inf
    digest: bytes | None = None  # of a bearer key


class Directory:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def key(self, key_id: str) -> Found | None:
        """None when there is no such key, or when it, its tenant or its user is revoked or disabled."""
        async with self._database.read() as connection:
            row = (await connection.execute(_KEY.where(ApiKeys.id == key_id))).one_or_none()
        if row is None:
            return None
        role = row.user_role or row.own_role
        principal = Principal(
            tenant=row.tenant_id,
            user=row.user_id,
            key=row.id,
            role=role,
            permissions=permissions(role, row.scopes),
            models=None if row.models is None else frozenset(row.models),
        )
        return Found(principal, row.expires_at.timestamp() if row.expires_at else math.inf, row.digest)

    async def subject(self, subject: Subject, expires_at: float) -> Found | None:
        """The tenant must exist. The user need not; one that does never exceeds the role here."""
        async with self._database.read() as connection:
            row = (await connection.execute(_SUBJECT, {"tenant": subject.tenant, "user": subject.user})).one_or_none()
        if row is None or row.disabled_at is not None:
            return None
        granted = permissions(subject.role, None if row.role is None else permissions(row.role))
        principal = Principal(subject.tenant, subject.user, None, subject.role, granted, None)
        return Found(principal, expires_at)

    async def remember_use(self, times: Mapping[str, float]) -> None:
        # In one order everywhere, so that two replicas never wait for each other's rows.
        rows = [{"key": key, "at": datetime.fromtimestamp(times[key], UTC)} for key in sorted(times)]
        async with self._database.begin() as connection:
            await connection.execute(_USED, rows)

    async def spend_nonce(self, key_id: str, nonce: str, expires_at: float) -> bool:
        """Whether this is its first use, on any replica."""
        until = datetime.fromtimestamp(expires_at, UTC)
        async with self._database.begin() as connection:
            return await self._database.add(connection, Nonces, key_id=key_id, nonce=nonce, expires_at=until)

    async def forget_nonces(self, before: float) -> None:
        async with self._database.begin() as connection:
            await connection.execute(delete(Nonces).where(Nonces.expires_at < datetime.fromtimestamp(before, UTC)))


async def check_pepper(connection: AsyncConnection, mint: Mint) -> None:
    """Another pepper would refuse every key there is, and make new ones that are refused elsewhere."""
    query = select(ApiKeys.id).where(ApiKeys.revoked_at.is_(None)).order_by(ApiKeys.created_at.desc()).limit(1)
    newest = await connection.scalar(query)
    if newest is not None and not mint.made(newest.encode()):
        raise ConfigError(
            "identity.pepper is not the one under which the keys in this database were made. Restore that one, by "
            "default the file identity.pepper in paths.var; if it is lost, revoke all keys and make new ones."
        )
