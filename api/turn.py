"""One request as a turn of a conversation whose values are kept, where the settings keep any."""

import logging
import re
from collections.abc import Mapping

from api.ring import Ring
from appliance.errors import InvalidRequest, RingfenceError
from appliance.identity import Principal
from appliance.privacy.kept import Conversation
from appliance.privacy.vault import Vault

SESSION = b"x-session-id"
SUBJECT = b"x-subject-id"
SPOKEN = ("chat", "completions")
"""The tasks whose answers hold values."""

_SUBJECT = re.compile(rb"[!-~]{1,255}")

log = logging.getLogger(__name__)


class Turn:
    """`recall` before the request is scrubbed, `keep` after its answer."""

    def __init__(self, ring: Ring, vault: Vault, conversation: Conversation | None) -> None:
        self._ring = ring
        self.vault = vault
        self._conversation = conversation

    async def recall(self) -> None:
        if self._conversation is not None:
            self.vault.recall(await self._ring.kept.load(self._conversation))

    async def keep(self) -> None:
        """Never at the cost of the answer."""
        secrets = self.vault.unkept
        if self._conversation is None or not secrets:
            return
        kept = 0
        try:
            kept = await self._ring.kept.save(self._conversation, secrets)
        except RingfenceError as error:
            log.warning("values of a conversation could not be kept: %s", error.code)
        if kept < len(secrets):
            self._ring.metrics.unkept.inc(len(secrets) - kept)


def conversation_of(ring: Ring, principal: Principal, task: str, headers: Mapping[bytes, bytes]) -> Conversation | None:
    """The conversation that a request belongs to, if it names one and any is kept."""
    session = headers.get(SESSION)
    if not ring.kept.is_on or not session or task not in SPOKEN:
        return None
    caller = ("user", principal.user) if principal.user else ("key", principal.key or "")
    return Conversation(principal.tenant, caller, session.decode("latin-1"), _subject(headers) or caller[1])


def _subject(headers: Mapping[bytes, bytes]) -> str:
    given = headers.get(SUBJECT, b"")
    if given and not _SUBJECT.fullmatch(given):
        raise InvalidRequest(
            "The header 'x-subject-id' is 1 to 255 printable ASCII characters without blanks. Send another id.",
            param="x-subject-id",
        )
    return given.decode("ascii")
