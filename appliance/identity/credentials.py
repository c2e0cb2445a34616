"""Administration of API keys. A key's text is shown once, when it is made."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from appliance.db import Database
from appliance.errors import InvalidRequest, NotFound
from appliance.identity.accounts import PAGE, change, require_tenant, require_user
from appliance.identity.directory import check_pepper
from appliance.identity.keys import Mint, id_of
from appliance.identity.roles import check_role, check_scopes
from appliance.limits.rules import copy_rules, subject
from appliance.tables import ApiKeys

DEFAULT_ROLE = "service"
LONGEST_NAME = 100


class Order(Struct, frozen=True, kw_only=True):
    """What a new key is to be. A user's key takes the user's role."""

    tenant: str
    name: str
    user: str | None = None
    role: str | None = None
    scopes: tuple[str, ...] | None = None  # none: all that the role has
    models: tuple[str, ...] | None = None  # none: every model
    expires_at: datetime | None = None
    signing: bool = False


class Key(Struct, frozen=True, kw_only=True):
    id: str
    tenant: str
    user: str | None
    role: str | None
    name: str
    signing: bool
    scopes: list[str] | None
    models: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    successor: str | None


class IssuedKey(Struct, frozen=True):
    id: str
    text: str


async def create_key(database: Database, mint: Mint, order: Order) -> IssuedKey:
    text = mint.signing() if order.signing else mint.bearer()
    async with change(database) as connection:
        return await insert_key(connection, mint, order, text)


async def list_keys(database: Database, tenant: str | None = None, after: str = "", limit: int = PAGE) -> list[Key]:
    """One page, in order of their ids."""
    query = select(ApiKeys.__table__).where(ApiKeys.id > after)
    if tenant is not None:
        query = query.where(ApiKeys.tenant_id == tenant)
    async with database.read() as connection:
        rows = await connection.execute(query.order_by(ApiKeys.id).limit(limit))
    return [_key(row) for row in rows]


async def find_key(database: Database, key_id: str, tenant: str | None = None) -> Key:
    """Of this tenant, if one is given."""
    async with database.read() as connection:
        key = await _require_key(connection, key_id)
    if tenant is not None and key.tenant != tenant:
        raise NotFound(f"There is no key {key_id!r} in {tenant!r}. Choose one of `ringfence keys list`.", param="key")
    return key


async def rotate_key(database: Database, mint: Mint, key_id: str, overlap: timedelta) -> IssuedKey:
    """A new key with the same rights and limits; the old one goes on for `overlap`."""
    now = datetime.now(UTC)
    async with change(database) as connection:
        # Locked, so that two rotations of one key do not both succeed.
        old = await _require_key(connection, key_id, lock=True)
        if old.revoked_at is not None or old.successor is not None:
            raise InvalidRequest(f"The key {key_id} is revoked or already rotated. Create a new one.", param="key")
        order = Order(
            tenant=old.tenant,
            name=old.name,
            user=old.user,
            role=old.role,
            scopes=None if old.scopes is None else tuple(old.scopes),
            models=None if old.models is None else tuple(old.models),
            expires_at=None if old.expires_at is None else now + (old.expires_at - old.created_at),
            signing=old.signing,
        )
        issued = await insert_key(connection, mint, order, mint.signing() if old.signing else mint.bearer())
        await copy_rules(connection, subject(old.tenant, key=old.id).id, subject(old.tenant, key=issued.id).id)
        end = now + overlap if old.expires_at is None else min(old.expires_at, now + overlap)
        ending = update(ApiKeys).where(ApiKeys.id == key_id).values(expires_at=end, successor=issued.id)
        await connection.execute(ending)
    return issued


async def revoke_key(database: Database, key_id: str) -> None:
    async with change(database) as connection:
        await _require_key(connection, key_id)
        ending = update(ApiKeys).where(ApiKeys.id == key_id, ApiKeys.revoked_at.is_(None))
        await connection.execute(ending.values(revoked_at=datetime.now(UTC)))


async def insert_key(connection: AsyncConnection, mint: Mint, order: Order, text: str) -> IssuedKey:
    """Stores a key of the mint."""
    await check_pepper(connection, mint)
    await require_tenant(connection, order.tenant)
    role = await _role(connection, order)
    check_scopes(order.scopes or (), role)
    if not 0 < len(order.name) <= LONGEST_NAME:
        raise InvalidRequest(f"A key's name has 1 to {LONGEST_NAME} characters. Choose another.", param="name")
    issued = IssuedKey(id_of(text.encode()).decode(), text)
    await connection.execute(
        insert(ApiKeys).values(
            id=issued.id,
            tenant_id=order.tenant,
            user_id=order.user,
            role=None if order.user else role,
            name=order.name,
            digest=None if order.signing else mint.digest(text.encode()),
            scopes=None if order.scopes is None else sorted(set(order.scopes)),
            models=None if order.models is None else sorted(set(order.models)),
            created_at=datetime.now(UTC),
            expires_at=order.expires_at,
        )
    )
    return issued


async def _role(connection: AsyncConnection, order: Order) -> str:
    if order.user is None:
        role = order.role or DEFAULT_ROLE
        check_role(role)
        return role
    if order.role is not None:
        raise InvalidRequest("A user's key takes the user's role. Give a user or a role, not both.", param="role")
    return await require_user(connection, order.tenant, order.user)


async def _require_key(connection: AsyncConnection, key_id: str, *, lock: bool = False) -> Key:
    query = select(ApiKeys.__table__).where(ApiKeys.id == key_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound(f"There is no key {key_id!r}. Choose one of `ringfence keys list`.", param="key")
    return _key(row)


def _key(row: Row[tuple[object, ...]]) -> Key:
    return Key(
        id=row.id,
        tenant=row.tenant_id,
        user=row.user_id,
        role=row.role,
        name=row.name,
        signing=row.digest is None,
        scopes=row.scopes,
        models=row.models,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        successor=row.successor,
    )
