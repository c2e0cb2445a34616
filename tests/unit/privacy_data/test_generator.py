from random import Random

import pytest

from tests.privacy_data.generator import SLOT, Template, fill, samples, templates
from tests.privacy_data.values import SLOTS, Values


def test_each_span_is_what_its_slot_became():
    sample = fill(Template("en", "x", "a ⟦person 1⟧, ⟦email⟧; ⟦person 1⟧ ⟦number⟧"), Values(Random(1), "en"))
    name, mail, again = (sample["full_text"][one["start_position"] : one["end_position"]] for one in sample["spans"])
    assert sample["full_text"].startswith(f"a {name}, {mail}; {again} ")
    assert name == again
    assert [one["entity_type"] for one in sample["spans"]] == ["PERSON", "EMAIL_ADDRESS", "PERSON"]


def test_a_slot_may_have_a_form_of_its_own():
    sample = fill(Template("en", "x", "⟦TOKEN=ab_{d4}[{x2}]⟧ ⟦ANY=7⟧"), Values(Random(1), "en"))
    [span] = sample["spans"]
    assert (span["entity_type"], span["start_position"], span["end_position"]) == ("TOKEN", 0, 11)
    assert sample["full_text"].endswith("] 7")


def test_the_same_seed_makes_the_same_texts():
    assert list(samples(60, "tuning", 5)) == list(samples(60, "tuning", 5))
    assert list(samples(60, "tuning", 5)) != list(samples(60, "tuning", 6))


def test_no_template_is_in_both_halves():
    tuning, held = set(templates("tuning")), set(templates("held"))
    assert not tuning & held
    assert tuning | held == set(templates("both"))
    assert min(len(tuning), len(held)) > 40


@pytest.mark.parametrize("template", templates("both"), ids=lambda each: f"{each.language} {each.name}")
def test_every_slot_can_be_filled(template):
    plain = {slot[1] for slot in SLOT.finditer(template.text) if slot["form"] is None}
    assert plain <= set(SLOTS)
    text = fill(template, Values(Random(3), template.language))["full_text"]
    assert "⟦" not in text
