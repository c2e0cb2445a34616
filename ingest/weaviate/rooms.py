"""Which tenants there are, and where: each has a shard of its own in the collection of documents and in one of
passages. A dropped tenant's shard is dropped, with all files it had."""

import asyncio
import re
from hashlib import sha256

from weaviate import WeaviateAsyncClient
from weaviate.classes.data import DataObject
from weaviate.classes.tenants import Tenant

from appliance.errors import InvalidRequest
from ingest.weaviate import schema, shelves
from ingest.weaviate.rows import Room, room_of, room_properties, row_id

LONGEST_NAME = 200


def shard_of(tenant: str) -> str:
    """Readable as far as Weaviate allows, and never the same for two."""
    if not 0 < len(tenant) <= LONGEST_NAME:
        raise InvalidRequest(f"The name of a tenant is empty or too long: {tenant[:40]!r}. Choose another.")
    digest = sha256(tenant.encode()).hexdigest()[:24]
    return f"{re.sub('[^A-Za-z0-9_-]', '-', tenant)[:32]}-{digest}"


class Rooms:
    def __init__(self, client: WeaviateAsyncClient) -> None:
        self._client = client
        self._known: dict[str, Room] = {}
        self._ready: set[str] = set()
        """Collections that were seen to be there and current."""
        self._lock = asyncio.Lock()

    async def find(self, tenant: str) -> Room | None:
        return self._known.get(tenant) or await self.look(tenant)

    async def look(self, tenant: str) -> Room | None:
        """As it is now, whatever was known."""
        self._known.pop(tenant, None)
        await self._ensure(0)
        room = await self._stored(tenant)
        if room is None or room.is_leaving:
            return None
        if room.width:
            await self._ensure(room.width)
        self._known[tenant] = room
        return room

    async def has(self, room: Room) -> bool:
        return await self._stored(room.tenant) == room

    async def make(self, tenant: str, width: int) -> Room:
        """For vectors of this width; what has vectors of another keeps them, and its own width."""
        room = await self.find(tenant)
        if room is not None and (room.width == width or not width):
            return room
        if room is not None and room.width and (await shelves.count(shelves.documents(self._client, room))).passages:
            raise InvalidRequest(
                f"The vectors have {width} dimensions and those of the index {room.width}. Embed with the same model."
            )
        if room is None:
            await self.leave(tenant)  # what a drop that was cut short has left
        else:
            await self._remove(room, documents=False)
        new = Room(tenant, shard_of(tenant), width)
        await self._ensure(width)
        await self._client.collections.get(schema.DOCUMENTS).tenants.create([Tenant(name=new.shard)])
        if width:
            await self._client.collections.get(schema.passages_of(width)).tenants.create([Tenant(name=new.shard)])
        await self._store(new)
        self._known[tenant] = new
        return new

    async def leave(self, tenant: str) -> None:
        self._known.pop(tenant, None)
        await self._ensure(0)
        room = await self._stored(tenant)
        if room is None:
            return
        await self._store(Room(tenant, room.shard, room.width, is_leaving=True))
        await self._remove(room, documents=True)
        await self._client.collections.get(schema.ROOMS).data.delete_by_id(row_id(tenant))

    async def rest(self, tenant: str) -> None:
        """Out of memory until it is asked again."""
        room = await self.find(tenant)
        if room is not None:
            for name in (schema.DOCUMENTS, *([schema.passages_of(room.width)] if room.width else [])):
                await self._client.collections.get(name).tenants.deactivate([room.shard])

    async def tenants(self) -> list[str]:
        await self._ensure(0)
        rooms = self._client.collections.get(schema.ROOMS)
        found = [room_of(str(each.properties["body"])) async for each in rooms.iterator(return_properties=["body"])]
        return sorted(room.tenant for room in found if not room.is_leaving)

    async def _stored(self, tenant: str) -> Room | None:
        rooms = self._client.collections.get(schema.ROOMS)
        found = await shelves.bodies(rooms, [row_id(tenant)])
        return room_of(found[0]) if found else None

    async def _store(self, room: Room) -> None:
        rooms = self._client.collections.get(schema.ROOMS)
        await shelves.upsert(rooms, [DataObject(properties=room_properties(room), uuid=row_id(room.tenant))])

    async def _remove(self, room: Room, *, documents: bool) -> None:
        names = [schema.passages_of(room.width)] if room.width else []
        for name in [*names, *([schema.DOCUMENTS] if documents else [])]:
            await self._client.collections.get(name).tenants.remove([room.shard])

    async def _ensure(self, width: int) -> None:
        async with self._lock:
            for shape in schema.shapes(width):
                if shape.name not in self._ready:
                    await schema.ensure(self._client, shape)
                    self._ready.add(shape.name)
