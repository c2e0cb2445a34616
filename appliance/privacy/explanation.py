"""What is found in a text, why, and what an engine would see of it under each policy."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from appliance.errors import PrivacyRefused
from appliance.privacy.catalogue import action_of
from appliance.privacy.policy import Policy
from appliance.privacy.privacy import Privacy
from appliance.settings import Action

ACTIONS: tuple[Action, ...] = ("mask", "keep", "generalise", "drop")


class Explained(Struct, frozen=True):
    """A find, and what happens to it."""

    start: int
    end: int
    type: str
    score: float
    recognizer: str
    text: str
    action: Action | Literal["refuse"]


class Explanation(Struct, frozen=True):
    spans: list[Explained]
    sends: Mapping[str, str | None]
    """What an engine would see: as the tenant's policy is now, on site and in a cloud, and if all that was found were
    masked, kept, and so on; none: the request is refused."""

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(each.type for each in self.spans)


def explain(privacy: Privacy, tenant: str, text: str) -> Explanation:
    now = privacy.policy(tenant)
    spans = privacy.open(tenant).spans(text)
    finds = [
        Explained(
            start=each.start,
            end=each.end,
            type=each.type,
            score=each.score,
            recognizer=each.recognizer,
            text=text[each.start : each.end],
            action=action_of(now, each.type),
        )
        for each in spans
    ]
    policies = {"now": now, "cloud": privacy.policy(tenant, "cloud")}
    for action in ACTIONS:
        policies[action] = Policy(types={each.type: action for each in spans})
    policies["refuse"] = Policy(mode="refuse")
    return Explanation(finds, {name: _sent(privacy, tenant, each, text) for name, each in policies.items()})


def _sent(privacy: Privacy, tenant: str, policy: Policy, text: str) -> str | None:
    """The content of the message in the body that an engine would get."""
    body = msgspec.json.encode({"messages": [{"role": "user", "content": text}]})
    try:
        scrubbed = privacy.open(tenant, policy).seal("chat", body)
    except PrivacyRefused:
        return None
    return str(msgspec.json.decode(scrubbed.body)["messages"][0]["content"])
