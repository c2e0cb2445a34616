from pathlib import Path

import pytest

from appliance.privacy.catalogue import action_of, entries, page
from appliance.privacy.choice import choice_of
from appliance.privacy.examples import EXAMPLES
from appliance.privacy.kinds import CATALOGUE, Kinds
from appliance.privacy.patterns import PATTERNS
from appliance.privacy.policy import PLACES, Policy, tenant_policy
from appliance.privacy.scanning.scanner import Scanner
from appliance.settings import Privacy, PrivacyPolicy, Recognizer, TenantPrivacy

ONLY_BY_MODELS = {"PERSON", "ORGANIZATION"}
SCANNER = Scanner(PATTERNS, deadline_seconds=10)


def told(chosen: Privacy, tenant: str = "north"):
    policies = (tenant_policy(chosen, tenant, place) for place in PLACES)
    return {each.type: each for each in entries(choice_of(chosen, tenant), *policies)}


def test_every_type_has_an_example():
    assert EXAMPLES.keys() == {each.name for each in CATALOGUE}


@pytest.mark.parametrize("kind", sorted(EXAMPLES.keys() - ONLY_BY_MODELS))
def test_what_an_example_shows_is_found_in_it(kind):
    found = SCANNER.scan(EXAMPLES[kind])
    assert [each for each in found if each.type == kind and each.score >= Kinds().threshold(kind)]


def test_a_type_tells_who_finds_it():
    rows = told(Privacy(deny={"Heron": "PROJECT"}, recognizers=(Recognizer(name="x", type="IMEI", regex="x"),)))
    assert {"telecom.imei", "custom.x", "columns"} <= set(rows["IMEI"].recognizers)
    assert set(rows["ORGANIZATION"].recognizers) == {"presidio"}
    assert (rows["PROJECT"].text, rows["PROJECT"].recognizers) == ("your own", ("denied",))


def test_a_type_tells_what_happens_to_it_on_site_and_in_a_cloud():
    chosen = Privacy(
        thresholds={"URL": 0.9},
        policy=PrivacyPolicy(types={"URL": "keep", "SSID": "drop"}),
        tenants={"south": TenantPrivacy(thresholds={"URL": 0.2}, policy=PrivacyPolicy(mode="pass", cloud="refuse"))},
    )
    north, south = told(chosen), told(chosen, "south")
    assert [(each.action, each.cloud, each.threshold) for each in (north["URL"], north["SSID"])] == [
        ("keep", "mask", 0.9),
        ("drop", "drop", 0.4),
    ]
    assert (south["URL"].action, south["URL"].cloud, south["URL"].threshold) == ("keep", "refuse", 0.2)


def test_a_policy_that_refuses_lets_out_what_it_keeps():
    policy = Policy(mode="refuse", types={"URL": "keep"})
    assert (action_of(policy, "URL"), action_of(policy, "IMEI")) == ("keep", "refuse")


def test_the_page_in_the_docs_is_current():
    file = Path(__file__).parents[4] / "docs/reference/privacy-types.md"
    assert file.read_text() == page(), "run: python -m appliance.privacy.catalogue > docs/reference/privacy-types.md"
