from pathlib import Path

import pytest

from appliance.errors import ConfigError
from appliance.privacy.choice import check_types, choice_of, lowest
from appliance.settings import Presidio, PresidioOperator, Privacy, PrivacyPolicy, Recognizer, TenantPrivacy

ALL = Recognizer(name="all", type="CONTRACT_ID", regex="CT-[0-9]{4}")
OWN = Recognizer(name="own", type="LOOPBACK_ID", regex="LB-[0-9]{4}")
CHOSEN = Privacy(
    recognizers=(ALL,),
    thresholds={"URL": 0.9, "SSID": 0.5},
    allow=("a",),
    deny={"Heron": "SECRET"},
    tenants={
        "north": TenantPrivacy(
            recognizers=(OWN,),
            thresholds={"URL": 0.2},
            allow=("b",),
            deny={"Crane": "PROJECT"},
            phone_regions=("DE",),
        )
    },
)


def test_what_a_tenant_left_open_is_that_of_all():
    choice = choice_of(CHOSEN, "south")
    assert choice.regions == CHOSEN.phone_regions
    assert (choice.recognizers, choice.thresholds) == ((ALL,), {"URL": 0.9, "SSID": 0.5})
    assert (choice.allow, choice.deny, choice.own_types) == ({"a"}, {"Heron": "SECRET"}, ())


def test_a_tenants_lists_stand_beside_those_of_all_and_its_values_in_their_place():
    choice = choice_of(CHOSEN, "north")
    assert choice.regions == ("DE",)
    assert (choice.recognizers, choice.thresholds) == ((ALL, OWN), {"URL": 0.2, "SSID": 0.5})
    assert (choice.allow, choice.deny) == ({"a", "b"}, {"Heron": "SECRET", "Crane": "PROJECT"})
    assert choice.own_types == ("LOOPBACK_ID", "PROJECT")


def test_a_tenant_may_have_no_region_at_all():
    assert choice_of(Privacy(tenants={"a": TenantPrivacy(phone_regions=())}), "a").regions == ()


def test_the_lowest_thresholds_leave_out_what_nobody_wants():
    kinds = lowest([choice_of(CHOSEN, "north"), choice_of(CHOSEN, "south")])
    assert (kinds.threshold("URL"), kinds.threshold("SSID"), kinds.threshold("IMEI")) == (0.2, 0.5, 0.4)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (Privacy(thresholds={"IP_ADRESS": 0.5}), "privacy.thresholds names .*IP_ADRESS.* IP_ADDRESS"),
        (Privacy(policy=PrivacyPolicy(types={"url": "keep"})), "privacy.policy.types names .*url.* URL"),
        (
            Privacy(tenants={"a": TenantPrivacy(thresholds={"IMEL": 0.5})}),
            "privacy.tenants.a.thresholds names .*IMEL.* IMEI",
        ),
        (
            Privacy(tenants={"a": TenantPrivacy(), "north": TenantPrivacy(policy=PrivacyPolicy(types={"X": "drop"}))}),
            "privacy.tenants.north.policy.types",
        ),
    ],
)
def test_a_type_that_nothing_finds_is_an_error(chosen, words):
    with pytest.raises(ConfigError, match=words):
        check_types(chosen)


def test_types_of_ones_own_are_known_where_they_are_found():
    of_north = TenantPrivacy(recognizers=(OWN,), policy=PrivacyPolicy(types={"LOOPBACK_ID": "keep"}))
    check_types(Privacy(tenants={"north": of_north}))
    with pytest.raises(ConfigError, match="south"):
        check_types(Privacy(tenants={"north": of_north, "south": TenantPrivacy(thresholds={"LOOPBACK_ID": 0.5})}))


def test_types_that_only_presidio_knows_are_believed():
    check_types(Privacy(thresholds={"BADGE": 0.5}, presidio=Presidio(recognizers=Path("recognizers.yaml"))))


def test_an_operator_and_a_policy_need_each_other():
    uses = PrivacyPolicy(types={"URL": "operator"})
    has = Presidio(operators={"URL": PresidioOperator(type="redact")})
    check_types(Privacy(presidio=has, tenants={"north": TenantPrivacy(policy=uses)}))
    with pytest.raises(ConfigError, match="No policy uses"):
        check_types(Privacy(presidio=has))
    with pytest.raises(ConfigError, match=r"Name it: privacy\.presidio\.operators\.URL"):
        check_types(Privacy(policy=uses))
