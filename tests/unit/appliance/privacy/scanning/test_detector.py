from collections.abc import Iterable

import pytest

from appliance.errors import PrivacyUnavailable
from appliance.privacy.kinds import Kinds
from appliance.privacy.record import terms_of
from appliance.privacy.scanning.detector import Detector
from appliance.privacy.scanning.pattern import Pattern
from appliance.privacy.scanning.scanner import Scanner
from appliance.privacy.span import Span

PATTERNS = (
    Pattern(type="IP_ADDRESS", name="ipv4", regex=r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b", score=0.6),
    Pattern(type="EMAIL_ADDRESS", name="mail", regex=r"\b[a-z.]{1,64}@[a-z.]{1,64}\b", score=0.9),
    Pattern(type="DOMAIN_NAME", name="domain", regex=r"\b(?:[a-z0-9-]{1,30}\.){1,4}[a-z]{2,9}\b", score=0.5),
    Pattern(type="ACCOUNT_ID", name="account", regex=r"\b[0-9]{8}\b", score=0.2, context=("account",)),
)
KELLER = terms_of({"PERSON": ["Keller"]})


class KnownNames:
    """Finds the names it was told."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def find(self, text: str) -> Iterable[Span]:
        for each in self._names:
            if (at := text.find(each)) >= 0:
                yield Span(at, at + len(each), "PERSON", 0.8, "names")


def detector(*names: str, thresholds: dict[str, float] | None = None, **more) -> Detector:
    scanner = Scanner(PATTERNS, deadline_seconds=60)
    return Detector(scanner, KnownNames(*names) if names else None, Kinds(thresholds or {}), **more)


def found(detector: Detector, text: str, **more) -> list[tuple[str, str]]:
    return [(each.type, text[each.start : each.end]) for each in detector.find(text, **more)]


def test_patterns_and_names_are_found_together():
    text = "Maria Keller has 10.0.0.7 and maria@isp.net"
    assert found(detector("Maria Keller"), text) == [
        ("PERSON", "Maria Keller"),
        ("IP_ADDRESS", "10.0.0.7"),
        ("EMAIL_ADDRESS", "maria@isp.net"),
    ]


def test_what_is_below_the_threshold_of_its_type_is_dropped():
    assert found(detector(), "order 12345678") == []
    assert found(detector(), "account 12345678") == [("ACCOUNT_ID", "12345678")]
    assert found(detector(thresholds={"ACCOUNT_ID": 0.1}), "order 12345678") == [("ACCOUNT_ID", "12345678")]
    assert found(detector(thresholds={"ACCOUNT_ID": 0.9}), "account 12345678") == []


def test_a_disguise_hides_nothing():
    text = "maria%40isp.net, Ke\u200bller"
    assert found(detector(), text, record=KELLER) == [
        ("EMAIL_ADDRESS", "maria%40isp.net"),
        ("PERSON", "Ke\u200bller"),
    ]


def test_the_record_of_the_customer_is_found_word_for_word():
    assert found(detector(), "Mr KELLER of plan-b", record=KELLER) == [("PERSON", "KELLER")]


def test_a_denied_value_is_found_and_goes_before_a_longer_find():
    assert found(detector(deny={"isp": "ORGANIZATION"}), "see portal.isp.net") == [
        ("DOMAIN_NAME", "portal."),
        ("ORGANIZATION", "isp"),
    ]


def test_an_allowed_value_is_not_found_but_what_holds_it_is():
    allowing = detector(allow=frozenset({"isp.net", "10.0.0.1", "*.isp.net"}))
    assert found(allowing, "gateway 10.0.0.1 at isp.net and core.isp.net") == []
    assert found(allowing, "maria@isp.net") == [("EMAIL_ADDRESS", "maria@isp.net")]


def test_what_is_allowed_does_not_hide_the_record():
    assert found(detector(allow=frozenset({"Keller"})), "Keller", record=KELLER) == [("PERSON", "Keller")]


@pytest.mark.parametrize("text", ["upload to S3", "run it on EKS", "the C4 diagram"])
def test_product_names_are_no_people(text):
    assert found(detector("S3", "EKS", "C4"), text) == []


def test_a_version_is_no_address():
    assert found(detector(), "firmware 10.1.2.3 on 10.1.2.4") == [("IP_ADDRESS", "10.1.2.4")]


def test_an_error_in_any_part_is_an_error():
    class Broken:
        def find(self, text: str) -> Iterable[Span]:
            raise PrivacyUnavailable("The name finder is gone. Try again.")

    with pytest.raises(PrivacyUnavailable):
        Detector(Scanner(PATTERNS, deadline_seconds=60), Broken(), Kinds()).find("text")
