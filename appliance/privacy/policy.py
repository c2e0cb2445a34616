"""What each class of engines may see of what is personal."""

from collections.abc import Mapping

from msgspec import Struct, field

from appliance.settings import Action, Mode, Place, Privacy, PrivacyPolicy, TenantPrivacy

PLACES: tuple[Place, ...] = ("on_site", "cloud")
STRICTER: tuple[Mode, ...] = ("pass", "mask", "refuse")
"""Each than those before it."""


class Policy(Struct, frozen=True):
    mode: Mode = "mask"
    embeddings: Mode = "mask"
    types: Mapping[str, Action] = field(default_factory=dict)
    for_cloud: bool = False
    """Whether what it lets out may go to a cloud."""

    def action(self, kind: str) -> Action:
        return self.types.get(kind, "mask")

    def mode_for(self, task: str) -> Mode:
        return self.embeddings if task == "embeddings" else self.mode


def policy_of(settings: PrivacyPolicy, place: Place) -> Policy:
    """A cloud is never told more than engines on site: nothing passes, and what is kept for them is masked."""
    mode, embeddings = settings.mode, settings.embeddings or settings.mode
    if place == "on_site":
        return Policy(mode, embeddings, settings.types)
    types = {kind: action for kind, action in settings.types.items() if action != "keep"}
    return Policy(_stricter(mode, settings.cloud), _stricter(embeddings, settings.cloud), types, for_cloud=True)


def tenant_policy(chosen: Privacy, tenant: str, place: Place = "on_site") -> Policy:
    special = chosen.tenants.get(tenant, TenantPrivacy())
    return policy_of(special.policy or chosen.policy, place)


def _stricter(*modes: Mode) -> Mode:
    return max(modes, key=STRICTER.index)
