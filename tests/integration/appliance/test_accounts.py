import asyncio
from datetime import UTC, datetime

import pytest

from appliance.errors import InvalidRequest, NotFound
from appliance.identity import accounts


async def test_tenants_are_made_listed_disabled_and_enabled(database):
    before = datetime.now(UTC)
    made = await accounts.create_tenant(database, "brand-2")
    assert made.created_at >= before
    assert [tenant.id for tenant in await accounts.list_tenants(database)] == ["brand-2", "isp"]
    assert (await accounts.list_tenants(database))[0] == made
    await accounts.disable_tenant(database, "isp")
    assert (await accounts.list_tenants(database))[1].disabled_at >= before
    await accounts.enable_tenant(database, "isp")
    assert (await accounts.list_tenants(database))[1].disabled_at is None


async def test_lists_come_in_pages(database):
    for name in ("a", "b", "c"):
        await accounts.create_tenant(database, name)
        await accounts.create_user(database, name, "u", "agent")
    first = await accounts.list_tenants(database, limit=2)
    assert [tenant.id for tenant in first] == ["a", "b"]
    assert [tenant.id for tenant in await accounts.list_tenants(database, after="b")] == ["c", "isp"]
    assert [user.tenant for user in await accounts.list_users(database, limit=2)] == ["a", "b"]
    assert [user.tenant for user in await accounts.list_users(database, after=("b", "u"))] == ["c"]
    assert [user.tenant for user in await accounts.list_users(database, "b")] == ["b"]


@pytest.mark.parametrize("name", ["", "-a", "A", "a_b", "ä", "a" * 64, "a\n", "../x"])
async def test_a_bad_name_for_a_tenant(database, name):
    with pytest.raises(InvalidRequest, match="a-z, 0-9"):
        await accounts.create_tenant(database, name)


@pytest.mark.parametrize("name", ["", "-a", "a b", "ä", "a" * 256, "a\n", "a\0"])
async def test_a_bad_name_for_a_user(database, name):
    with pytest.raises(InvalidRequest, match="letters, digits"):
        await accounts.create_user(database, "isp", name, "agent")


async def test_names_are_taken_once_even_at_once(database):
    async def attempt():
        try:
            await accounts.create_tenant(database, "twice")
        except InvalidRequest:
            return 0
        return 1

    assert sum(await asyncio.gather(*(attempt() for _ in range(5)))) == 1
    await accounts.create_user(database, "isp", "u1", "agent")
    with pytest.raises(InvalidRequest, match="already"):
        await accounts.create_user(database, "isp", "u1", "admin")
    assert [user.role for user in await accounts.list_users(database, "isp")] == ["agent"]


async def test_what_does_not_exist(database):
    with pytest.raises(InvalidRequest, match="nearest is 'admin'"):
        await accounts.create_user(database, "isp", "u1", "administrator")
    for attempt in (
        accounts.create_user(database, "none", "u1", "agent"),
        accounts.disable_tenant(database, "none"),
        accounts.disable_user(database, "isp", "none"),
    ):
        with pytest.raises(NotFound, match="Choose one of"):
            await attempt


async def test_users_are_disabled_and_enabled(database):
    await accounts.create_user(database, "isp", "u1", "agent")
    await accounts.disable_user(database, "isp", "u1")
    assert (await accounts.list_users(database))[0].disabled_at is not None
    await accounts.enable_user(database, "isp", "u1")
    assert (await accounts.list_users(database))[0].disabled_at is None
