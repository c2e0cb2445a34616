import pytest

from appliance import settings
from appliance.errors import ConfigError
from appliance.privacy.scanning.custom import build
from appliance.privacy.scanning.scanner import Scanner


def recognizer(regex=r"\bLN-[0-9]{8}\b", **more):
    return settings.Recognizer(name="line", type="CIRCUIT_ID", regex=regex, **more)


def test_a_recognizer_becomes_a_pattern():
    pattern = build(recognizer(score=0.7, context=("Leitung",), matches=("Leitung LN-00123456",), rejects=("LN-1",)))
    assert (pattern.type, pattern.name, pattern.score, pattern.context) == (
        "CIRCUIT_ID",
        "custom.line",
        0.7,
        ("leitung",),
    )
    found = Scanner([pattern], deadline_seconds=5).scan("Die Leitung LN-00123456 ist tot")
    assert [(each.start, each.end, each.score) for each in found] == [(12, 23, 0.85)]


def test_a_checksum_decides():
    pattern = build(recognizer(r"\b[0-9]{6}\b", checksum="luhn", matches=("123455",), rejects=("123456",)))
    assert pattern.check is not None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"regex": "a(?=b)"}, "looks ahead"),
        ({"regex": "(?<!a)b"}, "looks ahead"),
        ({"regex": r"(a)\1"}, "refers back"),
        ({"regex": "(?P<x>a)(?P=x)"}, "refers back"),
        ({"regex": "(?>a)b"}, "atomic"),
        ({"regex": "a+"}, "without end"),
        ({"regex": "[0-9]*"}, "without end"),
        ({"regex": "a{2,}"}, "without end"),
        ({"regex": "a{2,900}"}, "more than 256 times"),
        ({"regex": "a" * 1_001}, "more than 1000 characters"),
        ({"regex": "(a"}, "is wrong"),
        ({"checksum": "crc"}, "checksum"),
        ({"matches": ("LN-1",)}, "does not match its example 'LN-1'"),
        ({"rejects": ("see LN-00123456",)}, "finds 'LN-00123456'"),
        ({"matches": ("x" * 10_001,)}, "Shorten it"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(more, words):
    with pytest.raises(ConfigError, match=words) as caught:
        build(recognizer(**more))
    assert "line" in caught.value.message
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    "regex", [r"[*+]{2}[0-9]{4}", r"\+[0-9]{4}", r"[]+]{1,2}x", r"[^]*]{3}", r"\bA\.[0-9]{1,3}\b", r"[[:alpha:]*]{4}"]
)
def test_signs_that_stand_for_themselves_are_no_faults(regex):
    build(recognizer(regex))
