"""What each class of engines may see of what is personal."""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from appliance.privacy.generalised import generalised
from appliance.privacy.operators import Operators
from appliance.settings import Action, Answers, Mode, Place, Privacy, PrivacyPolicy, TenantPrivacy

PLACES: tuple[Place, ...] = ("on_site", "cloud")
STRICTER: tuple[Mode, ...] = ("pass", "mask", "refuse")
"""Each than those before it."""


class Policy(Struct, frozen=True):
    mode: Mode = "mask"
    embeddings: Mode = "mask"
    types: Mapping[str, Action] = field(default_factory=dict)
    operators: Operators | None = None
    for_cloud: bool = False
    """Whether what it lets out may go to a cloud."""
    answers: Answers = "keep"

    def action(self, kind: str) -> Action:
        return self.types.get(kind, "mask")

    def instead(self, kind: str, value: str) -> str | None:
        """What stands for a value that is not kept; None: its placeholder."""
        action = self.action(kind)
        if action == "drop":
            return ""
        if action == "operator" and self.operators:
            return self.operators.apply(kind, value)
        return generalised(kind, value) if action == "generalise" else None

    def mode_for(self, task: str) -> Mode:
        return self.embeddings if task == "embeddings" else self.mode


def policy_of(settings: PrivacyPolicy, place: Place, operators: Operators | None = None) -> Policy:
    """A cloud is never told more than engines on site: nothing passes, and what is kept for them is masked."""
    mode, embeddings = settings.mode, settings.embeddings or settings.mode
    if place == "on_site":
        return Policy(mode, embeddings, settings.types, operators)
    types = {kind: action for kind, action in settings.types.items() if action != "keep"}
    mode, embeddings = _stricter(mode, settings.cloud), _stricter(embeddings, settings.cloud)
    return Policy(mode, embeddings, types, operators, for_cloud=True)


def tenant_policy(chosen: Privacy, tenant: str, place: Place = "on_site", operators: Operators | None = None) -> Policy:
    special = chosen.tenants.get(tenant, TenantPrivacy())
    policy = policy_of(special.policy or chosen.policy, place, operators)
    return replace(policy, answers=special.answers or chosen.answers)


def _stricter(*modes: Mode) -> Mode:
    return max(modes, key=STRICTER.index)
