"""The user that the index is, with the rights that it needs and no others; and backups, which it may not make."""

from weaviate.backup.backup import BackupStorage
from weaviate.classes.rbac import Permissions

from appliance.errors import StorageError
from appliance.settings.knowledge import WeaviateSettings
from ingest.weaviate import schema
from ingest.weaviate.connection import connected, translated

USER = ROLE = "ringfence-index"


async def set_up(root: WeaviateSettings) -> str:
    """The key of the user: each time a new one, and the one before is void."""
    async with connected(root) as client:
        with translated(root.url):
            if await client.roles.exists(ROLE):
                await client.roles.delete(ROLE)
            await client.roles.create(role_name=ROLE, permissions=rights())
            if await client.users.db.get(user_id=USER) is None:
                key = await client.users.db.create(user_id=USER)
            else:
                key = await client.users.db.rotate_key(user_id=USER)
            await client.users.db.assign_roles(user_id=USER, role_names=[ROLE])
    return key


async def back_up(root: WeaviateSettings, name: str) -> str:
    """All tenants, also those that rest. Where it is."""
    async with connected(root) as client:
        with translated(root.url):
            made = await client.backup.create(name, BackupStorage.FILESYSTEM, wait_for_completion=True)
    if made.error:
        raise StorageError(f"The backup {name} failed: {made.error}. See Weaviate's log.")
    return str(made.path)


async def restore(root: WeaviateSettings, name: str) -> None:
    """Of collections that are not there now."""
    async with connected(root) as client:
        with translated(root.url):
            made = await client.backup.restore(name, BackupStorage.FILESYSTEM, wait_for_completion=True)
    if made.error:
        raise StorageError(f"The backup {name} was not restored: {made.error}. See Weaviate's log.")


def rights() -> list:  # type: ignore[type-arg]
    ours = f"{schema.PREFIX}*"
    return [
        Permissions.collections(collection=ours, create_collection=True, read_config=True, update_config=True),
        Permissions.data(collection=ours, create=True, read=True, update=True, delete=True),
        Permissions.tenants(collection=ours, create=True, read=True, update=True, delete=True),
    ]
