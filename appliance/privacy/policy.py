"""What each class of engines may see of what is personal."""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from appliance.errors import ConfigError
from appliance.settings import Action, Answers, Mode, Privacy, PrivacyPolicy, TenantPrivacy


class Policy(Struct, frozen=True):
    mode: Mode = "mask"
    embeddings: Mode = "mask"
    types: Mapping[str, Action] = field(default_factory=dict)
    answers: Answers = "keep"

    def action(self, kind: str) -> Action:
        return self.types.get(kind, "mask")

    def mode_for(self, task: str) -> Mode:
        return self.embeddings if task == "embeddings" else self.mode


def policy_of(settings: PrivacyPolicy, *, cloud: bool) -> Policy:
    """Nothing passes to a cloud unmasked, whatever the settings say."""
    embeddings = settings.embeddings or settings.mode
    if cloud and "pass" in (settings.mode, embeddings):
        raise ConfigError("privacy: `pass` is for engines on site. Set `mask` or `refuse` for cloud engines.")
    return Policy(settings.mode, embeddings, dict(settings.types))


def tenant_policy(chosen: Privacy, tenant: str) -> Policy:
    """For engines on site."""
    special = chosen.tenants.get(tenant, TenantPrivacy())
    policy = policy_of(special.policy or chosen.policy, cloud=False)
    return replace(policy, answers=special.answers or chosen.answers)
