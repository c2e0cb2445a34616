from random import Random

import pytest

from appliance.privacy.patterns import tokens
from appliance.privacy.scanning.scanner import Scanner
from tests.privacy_data.forms import SERVICES, draw

FORMS = [(kind, form) for kind, forms in SERVICES.items() for form in forms]


@pytest.fixture(scope="module")
def scanner():
    return Scanner(tokens.PATTERNS, deadline_seconds=60)


@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_what_a_service_gives_out_is_found(scanner, kind, form):
    random = Random(form)
    for around in ("export KEY={}", '{{"v": "{}"}}', "use {}.", "`{}`, please", "a={},b"):
        value = draw(random, form)
        text = around.format(value)

        found = [span for span in scanner.scan(text) if text[span.start : span.end] == value and span.score >= 0.5]
        assert kind in [span.type for span in found], text


@pytest.mark.parametrize("form", ["ghp_{}", "glpat-{}", "sk-ant-api03-{}", "AKIA{}", "xoxb-{}", "hf_{}"])
def test_one_filled_with_nothing_is_none(scanner, form):
    assert [span for span in scanner.scan(form.format("X" * 60)) if span.score >= 0.5] == []
