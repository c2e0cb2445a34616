"""How an answer is told: which of its texts pass which editors, and what is put back into them."""

from typing import Any

from msgspec import Struct, field

from appliance.errors import PrivacyUnavailable
from appliance.privacy.answers.restorer import Restorer
from appliance.privacy.answers.utterance import NewEditor, Utterance
from appliance.privacy.placeholder import Placeholders, Reach

TEXTS = ("reasoning_content", "reasoning", "content", "refusal")
STOPPED = "content_filter"
CHOICE = frozenset(("index", "delta", "message", "text", "finish_reason", "stop_reason", "logprobs"))
SPOKEN = frozenset((*TEXTS, "role", "tool_calls", "function_call"))

Event = dict[str, Any]


class Told(Struct):
    """How the answers to one request are told."""

    placeholders: Placeholders
    in_json: bool = False
    """They were asked for as JSON."""
    editors: list[NewEditor] = field(default_factory=list)
    """Each text passes them in this order."""
    stopped: bool = False
    """One of them stopped an answer."""

    @property
    def as_it_is(self) -> bool:
        return not len(self.placeholders) and not self.editors

    def utterance(self, name: str) -> Utterance:
        in_json = name == "arguments" or (self.in_json and name in ("content", "text"))
        reach = Reach.CALLS if name in ("arguments", "name") else Reach.ANYWHERE
        restorer = Restorer(self.placeholders, reach, in_json=in_json)
        # A client may choose the tool by the first piece that it sees of its name.
        return Utterance(restorer, [new(in_json) for new in self.editors], comes_whole=name == "name")

    def clear(self, choice: Event) -> None:
        """Takes away what no editor reads, so that nothing is told in a field that nobody has heard of."""
        if not self.editors:
            return
        parts = (choice.get("delta"), choice.get("message"))
        for holder, known in ((choice, CHOICE), *((part, SPOKEN) for part in parts if part)):
            for name in holder.keys() - known:
                del holder[name]

    def unreadable(self, raw: bytes) -> bytes:
        """Of another form than text has: placeholders in it stay, but an editor cannot look into it."""
        if self.editors:
            raise PrivacyUnavailable("The answer has a form that cannot be checked. Ask for text.")
        return raw
