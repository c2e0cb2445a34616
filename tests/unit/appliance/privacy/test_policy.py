import pytest

from appliance.errors import ConfigError
from appliance.privacy.policy import Policy, policy_of
from appliance.settings import PrivacyPolicy


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
