from itertools import product

import pytest

from appliance.privacy.operators import Operators
from appliance.privacy.policy import STRICTER, Policy, policy_of, tenant_policy
from appliance.settings import Privacy, PrivacyPolicy, TenantPrivacy


def test_what_nobody_set_is_masked():
    policy = policy_of(PrivacyPolicy(), "on_site")
    assert policy == Policy("mask", "mask", {})
    assert policy.action("ANYTHING") == "mask"
    assert policy.mode_for("chat") == policy.mode_for("embeddings") == "mask"
    assert policy_of(PrivacyPolicy(), "cloud") == Policy("mask", "mask", {}, for_cloud=True)


def test_embeddings_follow_the_mode_unless_they_have_one():
    assert policy_of(PrivacyPolicy(mode="refuse"), "on_site").mode_for("embeddings") == "refuse"
    assert policy_of(PrivacyPolicy(embeddings="pass"), "on_site").mode_for("embeddings") == "pass"
    assert policy_of(PrivacyPolicy(embeddings="refuse"), "cloud").mode_for("embeddings") == "refuse"


def test_a_type_has_an_action_of_its_own():
    policy = policy_of(PrivacyPolicy(types={"URL": "keep"}), "on_site")
    assert (policy.action("URL"), policy.action("PERSON")) == ("keep", "mask")


@pytest.mark.parametrize(
    ("everywhere", "of_tenant", "holds"), [("keep", None, "keep"), ("mask", None, "mask"), ("stop", "keep", "keep")]
)
def test_answers_have_a_policy_that_a_tenant_may_change(everywhere, of_tenant, holds):
    chosen = Privacy(answers=everywhere, tenants={"north": TenantPrivacy(answers=of_tenant)})
    assert tenant_policy(chosen, "north").answers == holds
    assert tenant_policy(chosen, "south").answers == everywhere


@pytest.mark.parametrize(("mode", "cloud"), list(product(STRICTER, ("mask", "refuse"))))
def test_a_cloud_is_never_told_more_than_engines_on_site(mode, cloud):
    settings = PrivacyPolicy(mode=mode, embeddings=mode, cloud=cloud)
    policy = policy_of(settings, "cloud")
    assert policy.mode == policy.embeddings == ("refuse" if "refuse" in (mode, cloud) else "mask")
    assert STRICTER.index(policy.mode) >= STRICTER.index(policy_of(settings, "on_site").mode)


def test_what_is_kept_on_site_is_masked_for_a_cloud():
    policy = policy_of(PrivacyPolicy(types={"URL": "keep", "IP_ADDRESS": "generalise", "SSID": "drop"}), "cloud")
    assert [policy.action(kind) for kind in ("URL", "IP_ADDRESS", "SSID")] == ["mask", "generalise", "drop"]


def test_a_tenants_policy_stands_in_for_the_one_of_all():
    chosen = Privacy(
        policy=PrivacyPolicy(mode="refuse"), tenants={"a": TenantPrivacy(policy=PrivacyPolicy(cloud="refuse"))}
    )
    assert tenant_policy(chosen, "a").mode == "mask"
    assert tenant_policy(chosen, "a", "cloud").mode == "refuse"
    assert tenant_policy(chosen, "b").mode == "refuse"


def test_what_stands_instead_of_a_value():
    types = {"IP_ADDRESS": "generalise", "SSID": "drop", "URL": "operator", "PERSON": "generalise"}
    policy = policy_of(PrivacyPolicy(types=types), "on_site", Operators({}))
    assert policy.instead("IP_ADDRESS", "198.51.100.7") == "198.51.100.0/24"
    assert policy.instead("SSID", "home") == ""
    # Nobody can tell less of a name, and an operator that is not there masks.
    assert policy.instead("PERSON", "Jane") is policy.instead("URL", "x") is policy.instead("IMEI", "1") is None
