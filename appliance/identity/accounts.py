"""Administration of tenants and users. Every process sees each change within a second (see stamps.py)."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance import stamps
from appliance.db import Database
from appliance.errors import InvalidRequest, NotFound
from appliance.identity.roles import check_role
from appliance.tables import Tenants, Users

PAGE = 1000

_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+|/-]{0,254}")


class Tenant(Struct, frozen=True):
    id: str
    created_at: datetime
    disabled_at: datetime | None


class User(Struct, frozen=True):
    tenant: str
    id: str
    role: str
    created_at: datetime
    disabled_at: datetime | None


@asynccontextmanager
async def change(database: Database) -> AsyncIterator[AsyncConnection]:
    """A transaction after which no process trusts what it remembers about identities."""
    async with database.begin() as connection:
        yield connection
        await stamps.bump(database, connection, stamps.IDENTITY)


async def create_tenant(database: Database, tenant: str) -> Tenant:
    if not _TENANT.fullmatch(tenant):
        raise InvalidRequest(
            f"{tenant!r} cannot name a tenant. Use up to 63 of a-z, 0-9 and -, the first not a dash.",
            param="tenant",
        )
    made = Tenant(tenant, datetime.now(UTC), None)
    async with change(database) as connection:
        if not await insert_tenant(database, connection, made):
            raise InvalidRequest(f"There is a tenant {tenant} already. Choose another name.", param="tenant")
    return made


async def insert_tenant(database: Database, connection: AsyncConnection, tenant: Tenant) -> bool:
    return await database.add(connection, Tenants, id=tenant.id, created_at=tenant.created_at)


async def list_tenants(database: Database, after: str = "", limit: int = PAGE) -> list[Tenant]:
    """One page, in order of their ids."""
    query = select(Tenants.id, Tenants.created_at, Tenants.disabled_at)
    async with database.read() as connection:
        rows = await connection.execute(query.where(Tenants.id > after).order_by(Tenants.id).limit(limit))
    return [Tenant(*row) for row in rows]


async def disable_tenant(database: Database, tenant: str) -> None:
    """Every key, token and signature of the tenant is refused until it is enabled again."""
    await _switch_tenant(database, tenant, datetime.now(UTC))


async def enable_tenant(database: Database, tenant: str) -> None:
    await _switch_tenant(database, tenant, None)


async def create_user(database: Database, tenant: str, user: str, role: str) -> User:
    check_role(role)
    if not _USER.fullmatch(user):
        raise InvalidRequest(
            f"{user!r} cannot name a user. Use up to 255 of letters, digits and . _ @ : + | / -.",
            param="user",
        )
    made = User(tenant, user, role, datetime.now(UTC), None)
    async with change(database) as connection:
        await require_tenant(connection, tenant)
        row = {"tenant_id": tenant, "id": user, "role": role, "created_at": made.created_at}
        if not await database.add(connection, Users, **row):
            raise InvalidRequest(f"There is a user {user} in {tenant} already. Choose another name.", param="user")
    return made


async def list_users(
    database: Database, tenant: str | None = None, after: tuple[str, str] = ("", ""), limit: int = PAGE
) -> list[User]:
    """One page, in order of tenant and id."""
    place = tuple_(Users.tenant_id, Users.id)
    query = select(Users.tenant_id, Users.id, Users.role, Users.created_at, Users.disabled_at).where(place > after)
    if tenant is not None:
        query = query.where(Users.tenant_id == tenant)
    async with database.read() as connection:
        rows = await connection.execute(query.order_by(Users.tenant_id, Users.id).limit(limit))
    return [User(*row) for row in rows]


async def disable_user(database: Database, tenant: str, user: str) -> None:
    """The user's keys and tokens are refused until the user is enabled again."""
    await _switch_user(database, tenant, user, datetime.now(UTC))


async def enable_user(database: Database, tenant: str, user: str) -> None:
    await _switch_user(database, tenant, user, None)


async def require_tenant(connection: AsyncConnection, tenant: str) -> None:
    if await connection.scalar(select(Tenants.id).where(Tenants.id == tenant)) is None:
        raise NotFound(f"There is no tenant {tenant!r}. Choose one of `ringfence tenants list`.", param="tenant")


async def require_user(connection: AsyncConnection, tenant: str, user: str) -> str:
    """Returns the user's role."""
    role: str | None = await connection.scalar(select(Users.role).where(Users.tenant_id == tenant, Users.id == user))
    if role is None:
        raise NotFound(f"There is no user {user!r} in {tenant!r}. Choose one of `ringfence users list`.", param="user")
    return role


async def _switch_tenant(database: Database, tenant: str, disabled_at: datetime | None) -> None:
    async with change(database) as connection:
        await require_tenant(connection, tenant)
        await connection.execute(update(Tenants).where(Tenants.id == tenant).values(disabled_at=disabled_at))


async def _switch_user(database: Database, tenant: str, user: str, disabled_at: datetime | None) -> None:
    async with change(database) as connection:
        await require_user(connection, tenant, user)
        await connection.execute(
            update(Users).where(Users.tenant_id == tenant, Users.id == user).values(disabled_at=disabled_at)
        )
