import pytest

from appliance.errors import ConfigError
from appliance.privacy.policy import Policy, policy_of, tenant_policy
from appliance.settings import Privacy, PrivacyPolicy, TenantPrivacy


def test_what_nobody_set_is_masked():
    policy = policy_of(PrivacyPolicy(), cloud=False)
    assert policy == Policy("mask", "mask", {})
    assert policy.action("ANYTHING") == "mask"
    assert policy.mode_for("chat") == policy.mode_for("embeddings") == "mask"


def test_embeddings_follow_the_mode_unless_they_have_one():
    assert policy_of(PrivacyPolicy(mode="refuse"), cloud=True).mode_for("embeddings") == "refuse"
    assert policy_of(PrivacyPolicy(embeddings="pass"), cloud=False).mode_for("embeddings") == "pass"


def test_a_type_has_an_action_of_its_own():
    policy = policy_of(PrivacyPolicy(types={"URL": "keep"}), cloud=False)
    assert (policy.action("URL"), policy.action("PERSON")) == ("keep", "mask")


@pytest.mark.parametrize("settings", [PrivacyPolicy(mode="pass"), PrivacyPolicy(embeddings="pass")])
def test_nothing_passes_to_a_cloud(settings):
    with pytest.raises(ConfigError):
        policy_of(settings, cloud=True)


@pytest.mark.parametrize(
    ("everywhere", "of_tenant", "holds"), [("keep", None, "keep"), ("mask", None, "mask"), ("stop", "keep", "keep")]
)
def test_answers_have_a_policy_that_a_tenant_may_change(everywhere, of_tenant, holds):
    chosen = Privacy(answers=everywhere, tenants={"north": TenantPrivacy(answers=of_tenant)})
    assert tenant_policy(chosen, "north").answers == holds
    assert tenant_policy(chosen, "south").answers == everywhere
