"""A document as a collection keeps it that may hold nothing personal."""

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ingest.content import Block, Content

if TYPE_CHECKING:
    from appliance.privacy.privacy import Privacy
    from appliance.privacy.vault import Vault


class Scrubber:
    """Of one tenant: the same value has the same placeholder in all of its documents, and in what people ask."""

    def __init__(self, privacy: "Privacy", tenant: str) -> None:
        self._privacy = privacy
        self._tenant = tenant

    async def document(self, content: Content) -> Content:
        return await asyncio.to_thread(self._document, content)

    async def text(self, text: str) -> str:
        return await asyncio.to_thread(self._vault().scrub, text)

    def _document(self, content: Content) -> Content:
        vault = self._vault()
        for text in (content.title, *(block.text for block in content.blocks)):
            vault.scrub(text)
        # Again: what was recognised near the end is now masked at the beginning too.
        blocks = tuple(_scrubbed(vault, block) for block in content.blocks)
        return replace(content, title=vault.scrub(content.title), blocks=blocks)

    def _vault(self) -> "Vault":
        # Who wants it scrubbed wants it masked, also where engines may see all of it.
        policy = replace(self._privacy.policy(self._tenant), mode="mask")
        return self._privacy.open(self._tenant, policy)


def _scrubbed(vault: "Vault", block: Block) -> Block:
    text = vault.scrub(block.text)
    lines = block.header.count("\n") + 1 if block.header else 0
    return replace(
        block,
        text=text,
        # It stands in the text as it is.
        header="\n".join(text.split("\n")[:lines]),
        spot=replace(block.spot, sheet=vault.scrub(block.spot.sheet)),
    )
