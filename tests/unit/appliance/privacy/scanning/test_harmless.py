import pytest

from appliance.privacy.scanning.harmless import Allowed, is_harmless
from appliance.privacy.span import Span


def harmless(text: str, value: str, kind: str) -> bool:
    start = text.index(value)
    return is_harmless(text, Span(start, start + len(value), kind, 0.9, "x"))


@pytest.mark.parametrize("value", ["S3", "C4", "EKS", "Huawei", "OLT", "Kubernetes", "TR-069"])
def test_names_of_products_are_nobody(value):
    assert harmless(f"we moved it to {value} today", value, "PERSON")
    assert harmless(f"we moved it to {value} today", value, "LOCATION")


def test_a_secret_is_one_whatever_it_reads():
    assert not harmless("password huawei", "huawei", "PASSWORD")


def test_a_name_that_holds_such_a_word_is_somebody():
    assert not harmless("ask Maria Huawei", "Maria Huawei", "PERSON")


@pytest.mark.parametrize(
    "before",
    ["firmware ", "Firmware: ", "version=", "Version is ", "software release ", 'fw "', "release no. ", "version to "],
)
def test_four_numbers_behind_a_word_for_versions_are_a_version(before):
    assert harmless(f"it has {before}10.1.2.3 now", "10.1.2.3", "IP_ADDRESS")


@pytest.mark.parametrize(
    "before", ["", "host ", "firmware server ", "the firmware of host ", "conversion ", "firmware. Then ping "]
)
def test_others_are_an_address(before):
    assert not harmless(f"see {before}10.1.2.3 now", "10.1.2.3", "IP_ADDRESS")


def test_values_are_allowed_in_any_case():
    allowed = Allowed(["Support  Desk", "noc@isp.net"])
    assert "support desk" in allowed
    assert "NOC@isp.net" in allowed
    assert "maria@isp.net" not in allowed


@pytest.mark.parametrize("value", ["www.isp.net", "core-1.pop.ISP.net"])
def test_a_domain_allows_its_hosts(value):
    assert value in Allowed(["*.isp.net"])


@pytest.mark.parametrize(
    "value",
    ["isp.net", "evilisp.net", "maria@mail.isp.net", "https://x/?user=m.isp.net", "a b.isp.net", "isp.net.evil.org"],
)
def test_and_nothing_else(value):
    assert value not in Allowed(["*.isp.net"])
