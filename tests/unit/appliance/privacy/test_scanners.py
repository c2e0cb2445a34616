import pytest

from appliance.errors import ConfigError
from appliance.privacy.choice import choice_of
from appliance.privacy.scanners import Scanners
from appliance.privacy.scanning.scanner import Scanner
from appliance.settings import Privacy, Recognizer, TenantPrivacy

OWN = Recognizer(
    name="own", type="LOOPBACK_ID", regex=r"\bLB-[0-9]{4}\b", score=0.9, matches=("on LB-1234",), rejects=("LB-12345",)
)
BERLIN = "030 901820"
MADRID = "800 123 456"


def found(chosen: Privacy, tenant: str, text: str) -> set[tuple[str, str]]:
    choices = [choice_of(chosen, each) for each in ("", *chosen.tenants)]
    scanners = Scanners(choices, deadline_seconds=5, floor=lambda _: 0.4)
    spans = scanners.of(choice_of(chosen, tenant)).scan(text)
    return {(each.type, text[each.start : each.end]) for each in spans}


def test_telephones_are_those_of_the_tenants_regions():
    chosen = Privacy(
        tenants={"german": TenantPrivacy(phone_regions=("DE",)), "iberian": TenantPrivacy(phone_regions=("PT", "ES"))}
    )
    text = f"tel {BERLIN} or tel {MADRID}"
    german, iberian = found(chosen, "german", text), found(chosen, "iberian", text)
    assert ("PHONE_NUMBER", BERLIN) in german and ("PHONE_NUMBER", MADRID) not in german
    assert ("PHONE_NUMBER", MADRID) in iberian and ("PHONE_NUMBER", BERLIN) not in iberian
    assert {("PHONE_NUMBER", BERLIN), ("PHONE_NUMBER", MADRID)} <= found(chosen, "another", text)


def test_a_tenants_recognizers_are_its_own():
    chosen = Privacy(tenants={"north": TenantPrivacy(recognizers=(OWN,))})
    text = "LB-1234 of jane@customer.example"
    assert found(chosen, "north", text) == {("LOOPBACK_ID", "LB-1234"), ("EMAIL_ADDRESS", "jane@customer.example")}
    assert ("LOOPBACK_ID", "LB-1234") not in found(chosen, "south", text)


def test_those_who_chose_the_same_share_a_scanner():
    same = TenantPrivacy(phone_regions=("DE",))
    chosen = Privacy(tenants={"a": same, "b": same, "c": TenantPrivacy()})
    choices = {each: choice_of(chosen, each) for each in ("a", "b", "c")}
    scanners = Scanners(list(choices.values()), deadline_seconds=5, floor=lambda _: 0.4)
    a, b, c = (scanners.of(each) for each in choices.values())
    assert a is b and a is not c and isinstance(c, Scanner)


def test_a_tenants_recognizer_that_fails_its_examples_stops_the_start():
    wrong = Recognizer(name="own", type="X", regex="LB-[0-9]{4}", rejects=("LB-1234",))
    with pytest.raises(ConfigError, match="must reject"):
        found(Privacy(tenants={"north": TenantPrivacy(recognizers=(wrong,))}), "south", "")


@pytest.mark.parametrize("region", ["UK", "XX"])
def test_a_region_that_does_not_exist_is_told(region):
    with pytest.raises(ConfigError, match="Britain is GB, not UK") as told:
        found(Privacy(phone_regions=(region,)), "", "")
    assert told.value.param == "privacy.phone_regions"


def test_the_lists_of_regions_are_bounded():
    tenants = {each: TenantPrivacy(phone_regions=(each,)) for each in ("US", "GB", "CA", "AU", "DE", "FR", "ES", "IT")}
    with pytest.raises(ConfigError, match="9 different lists"):
        found(Privacy(tenants=tenants), "", "")
