import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from appliance.errors import ConfigError, InvalidRequest, NotFound
from appliance.identity import accounts
from appliance.identity.credentials import Order, create_key, find_key, list_keys, revoke_key, rotate_key
from appliance.identity.keys import Mint
from appliance.limits.budget import Kind
from appliance.limits.rules import Owner, Rule, list_rules, put_rule


def order(**changes):
    return Order(**({"tenant": "isp", "name": "test"} | changes))


async def test_a_key_is_listed_as_it_was_ordered(database, mint):
    end = datetime.now(UTC) + timedelta(days=30)
    issued = await create_key(
        database, mint, order(role="operator", scopes=("metrics:read",), models=("b", "a"), expires_at=end)
    )
    (key,) = await list_keys(database)
    assert (key.id, key.tenant, key.user, key.role, key.name) == (issued.id, "isp", None, "operator", "test")
    assert (key.signing, key.scopes, key.models) == (False, ["metrics:read"], ["a", "b"])
    assert abs(key.expires_at - end) < timedelta(milliseconds=1)
    assert (key.revoked_at, key.last_used_at, key.successor) == (None, None, None)
    assert mint.made_text(issued.text.encode())


async def test_no_secret_is_stored(database, mint):
    texts = [(await create_key(database, mint, order(signing=signing))).text for signing in (False, True)]
    async with database.read() as connection:
        rows = (await connection.execute(text("SELECT * FROM api_keys"))).all()
    stored = repr([[bytes(cell) if isinstance(cell, memoryview) else cell for cell in row] for row in rows])
    for each in texts:
        assert each.split("_")[1] in stored
        assert each.split("_")[2] not in stored


async def test_an_empty_list_of_scopes_or_models_is_not_all_of_them(database, mint):
    await create_key(database, mint, order(scopes=(), models=()))
    (key,) = await list_keys(database)
    assert (key.scopes, key.models) == ([], [])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"tenant": "none"}, NotFound, "no tenant"),
        ({"user": "none"}, NotFound, "no user"),
        ({"role": "root"}, InvalidRequest, "nearest"),
        ({"scopes": ("all",)}, InvalidRequest, "nearest"),
        ({"role": "customer", "scopes": ("audit:read",)}, InvalidRequest, "cannot add it"),
        ({"user": "u1", "role": "admin"}, InvalidRequest, "not both"),
        ({"user": "u1", "scopes": ("audit:read",)}, InvalidRequest, "cannot add it"),
        ({"name": ""}, InvalidRequest, "name"),
        ({"name": "n" * 101}, InvalidRequest, "name"),
    ],
)
async def test_an_order_that_cannot_be_met(database, mint, changes, error, message):
    await accounts.create_user(database, "isp", "u1", "customer")
    with pytest.raises(error, match=message):
        await create_key(database, mint, order(**changes))
    assert await list_keys(database) == []


async def test_a_mint_with_another_pepper_makes_no_key_until_the_others_are_revoked(database, mint):
    other = Mint(b"q" * 32)
    issued = await create_key(database, mint, order())
    for attempt in (create_key(database, other, order()), rotate_key(database, other, issued.id, timedelta(0))):
        with pytest.raises(ConfigError, match=r"identity\.pepper"):
            await attempt
    await revoke_key(database, issued.id)
    await create_key(database, other, order())


async def test_keys_come_in_pages_and_by_tenant(database, mint):
    await accounts.create_tenant(database, "other")
    ids = sorted([(await create_key(database, mint, order())).id for _ in range(3)])
    await create_key(database, mint, order(tenant="other"))
    first = await list_keys(database, "isp", limit=2)
    assert [key.id for key in first] == ids[:2]
    assert [key.id for key in await list_keys(database, "isp", after=ids[1])] == ids[2:]
    assert len(await list_keys(database)) == 4


@pytest.mark.parametrize("signing", [False, True])
async def test_rotation_keeps_the_rights_and_the_lifetime(database, mint, signing):
    now = datetime.now(UTC)
    wanted = order(
        role="agent", scopes=("inference",), models=("m",), expires_at=now + timedelta(days=10), signing=signing
    )
    old = await create_key(database, mint, wanted)
    new = await rotate_key(database, mint, old.id, timedelta(hours=1))
    keys = {key.id: key for key in await list_keys(database)}
    assert keys[old.id].successor == new.id
    assert abs(keys[old.id].expires_at - now - timedelta(hours=1)) < timedelta(seconds=5)
    assert abs(keys[new.id].expires_at - now - timedelta(days=10)) < timedelta(seconds=5)
    for field in ("tenant", "user", "role", "name", "scopes", "models", "signing"):
        assert getattr(keys[new.id], field) == getattr(keys[old.id], field)


async def test_rotation_never_lengthens_a_life(database, mint):
    end = datetime.now(UTC) + timedelta(minutes=1)
    old = await create_key(database, mint, order(expires_at=end))
    await rotate_key(database, mint, old.id, timedelta(hours=1))
    (key,) = [key for key in await list_keys(database) if key.id == old.id]
    assert abs(key.expires_at - end) < timedelta(milliseconds=1)


async def test_a_key_is_rotated_once_even_at_once(database, mint):
    old = await create_key(database, mint, order())

    async def attempt():
        try:
            await rotate_key(database, mint, old.id, timedelta(hours=1))
        except InvalidRequest:
            return 0
        return 1

    assert sum(await asyncio.gather(*(attempt() for _ in range(4)))) == 1
    assert len(await list_keys(database)) == 2


async def test_a_revoked_key_stays_revoked(database, mint):
    issued = await create_key(database, mint, order())
    await revoke_key(database, issued.id)
    first = (await list_keys(database))[0].revoked_at
    await revoke_key(database, issued.id)
    assert (await list_keys(database))[0].revoked_at == first is not None
    with pytest.raises(InvalidRequest, match="revoked"):
        await rotate_key(database, mint, issued.id, timedelta(0))


async def test_a_key_that_does_not_exist(database, mint):
    for attempt in (revoke_key(database, "none"), rotate_key(database, mint, "none", timedelta(0))):
        with pytest.raises(NotFound, match="ringfence keys list"):
            await attempt


async def test_a_rotated_key_takes_its_limits_along(database, mint):
    old, other = [(await create_key(database, mint, order())).id for _ in range(2)]
    amounts = {(old, Kind.CONCURRENT): 3, (old, Kind.DAY): 0, (other, Kind.CONCURRENT): 9}
    for (key, kind), amount in amounts.items():
        await put_rule(database, Rule(Owner("isp", key=key).subject.id, kind, amount))
    new = Owner("isp", key=(await rotate_key(database, mint, old, timedelta(hours=1))).id).subject.id
    assert await list_rules(database, [new]) == [Rule(new, Kind.CONCURRENT, 3), Rule(new, Kind.DAY, 0)]
    assert len(await list_rules(database)) == 5


async def test_a_key_is_found_in_its_tenant_only(database, mint):
    await accounts.create_tenant(database, "other")
    issued = await create_key(database, mint, order())
    assert (await find_key(database, issued.id)).tenant == (await find_key(database, issued.id, "isp")).tenant == "isp"
    for tenant in ("other", "none"):
        with pytest.raises(NotFound, match=f"in '{tenant}'"):
            await find_key(database, issued.id, tenant)
