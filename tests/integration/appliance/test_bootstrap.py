import asyncio
import stat
import sys

import pytest

from appliance.db import Database
from appliance.errors import ConfigError
from appliance.identity import Identity
from appliance.identity.accounts import list_tenants
from appliance.identity.bootstrap import bootstrap
from appliance.identity.credentials import list_keys
from appliance.identity.keys import Mint
from appliance.settings import Identity as IdentitySettings
from appliance.tables import Table
from tests.integration.appliance.conftest import PEPPER

PROCESS = """
import asyncio, sys
from pathlib import Path
from appliance.identity.bootstrap import bootstrap
from appliance.db import Database
from appliance.identity.keys import Mint

async def main():
    database = Database(sys.argv[1])
    await bootstrap(database, Mint(b"p" * 64), Path(sys.argv[2]))
    await database.close()

asyncio.run(main())
"""


@pytest.fixture
async def new(database_url):
    database = Database(database_url)
    async with database.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
    yield database
    await database.close()


async def admits(database, file):
    identity = Identity(database, IdentitySettings(), PEPPER)
    headers = {b"authorization": b"Bearer " + file.read_bytes().strip()}
    return await identity.authenticate(headers, "GET", "/", None)


async def test_the_first_start_makes_a_tenant_and_an_administrator(new, mint, tmp_path, capfd, caplog):
    caplog.set_level("DEBUG")
    file = await bootstrap(new, mint, tmp_path)
    assert file == tmp_path / "admin.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [tenant.id for tenant in await list_tenants(new)] == ["default"]
    principal = await admits(new, file)
    assert (principal.tenant, principal.role, "tenants:manage" in principal.permissions) == ("default", "admin", True)
    secret = file.read_text().strip().split("_")[2]
    assert secret not in "".join(capfd.readouterr()) + caplog.text


async def test_a_later_start_changes_nothing(new, mint, tmp_path):
    file = await bootstrap(new, mint, tmp_path)
    content = file.read_text()
    assert await bootstrap(new, mint, tmp_path) is None
    assert file.read_text() == content
    file.unlink()
    assert await bootstrap(new, mint, tmp_path) is None
    assert not file.exists()
    assert len(await list_keys(new)) == 1


async def test_a_start_that_died_before_its_commit_is_taken_up(new, mint, tmp_path):
    text = mint.bearer()
    (tmp_path / "admin.key").write_text(text)
    (tmp_path / "admin.key").chmod(0o600)
    await bootstrap(new, mint, tmp_path)
    assert (tmp_path / "admin.key").read_text() == text
    assert (await admits(new, tmp_path / "admin.key")).role == "admin"


async def test_a_file_that_holds_another_key_is_left_alone(new, tmp_path, mint):
    (tmp_path / "admin.key").write_text(Mint(b"q" * 64).bearer())
    (tmp_path / "admin.key").chmod(0o600)
    with pytest.raises(ConfigError, match="Move it away"):
        await bootstrap(new, mint, tmp_path)
    assert await list_tenants(new) == []


async def test_of_processes_that_start_at_once_one_makes_the_key(new, database_url, tmp_path):
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", PROCESS, database_url, str(tmp_path))
        for _ in range(3)
    ]
    assert [await process.wait() for process in started] == [0, 0, 0]
    assert len(await list_keys(new)) == 1
    assert (await admits(new, tmp_path / "admin.key")).role == "admin"
    assert [file.name for file in tmp_path.iterdir() if "key" in file.name] == ["admin.key"]
