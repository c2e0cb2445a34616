import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import InvalidRequest, PrivacyUnavailable
from appliance.privacy.record import MOST_VALUES, RECORD, scope_of, terms_of
from appliance.privacy.scanning.overlaps import settled
from appliance.privacy.scanning.terms import bare


def found(text: str, **record: str) -> list[str]:
    terms = terms_of({kind: [value] for kind, value in record.items()})
    spans = settled(text, terms.find(text), lambda _: 0, frozenset({RECORD}))
    return [text[each.start : each.end] for each in spans]


@pytest.mark.parametrize(
    ("value", "text", "finds"),
    [
        ("Jane Roe", "I am jane roe", ["jane roe"]),
        ("Jane Roe", "Roe, Jane called", ["Roe, Jane"]),
        ("Jane Roe", "ROE JANE", ["ROE JANE"]),
        ("Roe, Jane", "Jane Roe called", ["Jane Roe"]),
        ("Jane Mary Roe", "jane roe and roe, jane", ["jane roe", "roe, jane"]),
        ("María García López", "García López, María", ["García López, María"]),
        ("María García López", "MARIA GARCIA LOPEZ", ["MARIA GARCIA LOPEZ"]),
        ("Rene Garcia", "Rene\u0301 GARCÍA", ["Rene\u0301 GARCÍA"]),
        ("Jürgen Müller", "juergen mueller / Jurgen Muller", ["juergen mueller", "Jurgen Muller"]),
        ("Juergen Mueller", "Jürgen Müller", ["Jürgen Müller"]),
        ("Søren Łukasz", "soren lukasz", ["soren lukasz"]),
        ("Siobhán O'Brien", "siobhan o\u2019brien", ["siobhan o\u2019brien"]),
    ],
)
def test_a_name_is_found_in_any_order_case_and_accent(value, text, finds):
    assert found(text, PERSON=value)[: len(finds)] == finds


@pytest.mark.parametrize(
    ("value", "text", "finds"),
    [
        ("Jane Roe", "Mrs Roe says that Jane is out", ["Roe", "Jane"]),
        ("Jane Long", "A long wait. Long is angry", ["Long"]),
        ("Jane Long", "mrs long waits", ["long"]),
        ("Jane von der Heide", "Von hier. Der Kunde Heide", ["Heide"]),
        ("Dr Jane Roe", "Dr Smith", []),
        ("Ng Li", "Ng is here. Ng Li is, too", ["Ng Li"]),
        ("Jane Roe", "Roentgen, Janet", []),
        ("Roe", "a roe deer. Roe", ["Roe"]),
        ("李小龍", "客戶 李小龍 來電", ["李小龍"]),
    ],
)
def test_a_part_of_a_name_counts_where_it_is_written_like_one(value, text, finds):
    assert found(text, PERSON=value) == finds


@pytest.mark.parametrize(
    ("value", "text", "finds"),
    [
        ("12 High Street, Ely 62704", "12 high street\nely 62704", ["12 high street\nely 62704"]),
        ("12 High Street, Springfield", "at 12 High St. and HIGH STREET 12", ["12 High St", "HIGH STREET 12"]),
        ("12 High St, Springfield", "12 high street", ["12 high street"]),
        ("Hauptstraße 7a, 10115 Berlin", "hauptstr. 7a, 10115 berlin", ["hauptstr. 7a, 10115 berlin"]),
        ("Hauptstr. 7a, 10115 Berlin", "Hauptstraße 7a in 10115 BERLIN", ["Hauptstraße 7a", "10115 BERLIN"]),
        ("12 High Street, Springfield", "works in High Street, Springfield", ["High Street", "Springfield"]),
        ("12 High Street, Springfield", "on the high street. Number 12", []),
    ],
)
def test_an_address_is_found_by_its_pieces(value, text, finds):
    assert found(text, ADDRESS=value) == finds


@pytest.mark.parametrize(
    ("kind", "value", "text", "finds"),
    [
        ("PHONE_NUMBER", "+49 171 1234567", "0171/123 45 67", ["0171/123 45 67"]),
        ("PHONE_NUMBER", "+49 171 1234567", "0049-171-1234567 +491711234567", ["0049-171-1234567", "+491711234567"]),
        ("PHONE_NUMBER", "0171 1234567", "+49 171 1234567", ["171 1234567"]),
        ("PHONE_NUMBER", "+1 (555) 010-9999", "5550109999 or 555.010.9999", ["5550109999", "555.010.9999"]),
        ("ACCOUNT_ID", "CT-79927398", "ct79927398, CT 7992-7398", ["ct79927398", "CT 7992-7398"]),
        ("MAC_ADDRESS", "10:20:30:AA:BB:CC", "1020.30aa.bbcc", ["1020.30aa.bbcc"]),
        ("IBAN_CODE", "DE89370400440532013000", "DE89 3704 0044 0532 0130 00", ["DE89 3704 0044 0532 0130 00"]),
        ("IP_ADDRESS", "10.1.2.3", "10.12.3 and 10.1.2.3", ["10.1.2.3"]),
        ("ACCOUNT_ID", "4711", "47110 and 147 11", []),
        ("ACCOUNT_ID", "123456", "12345 123456", ["123456"]),
    ],
)
def test_a_number_is_found_whatever_stands_between_its_digits(kind, value, text, finds):
    assert found(text, **{kind: value}) == finds


@pytest.mark.parametrize("value", ["", "a", "12", " - ", "123"])
def test_a_value_that_cannot_be_told_is_refused_and_not_quoted(value):
    with pytest.raises(InvalidRequest) as refused:
        terms_of({"ACCOUNT_ID": ["12345", value]})
    assert refused.value.param == "ringfence.record.ACCOUNT_ID[1]"


def test_the_values_are_bounded():
    with pytest.raises(InvalidRequest, match="64"):
        terms_of({"PERSON": ["Jane Roe"] * MOST_VALUES, "ADDRESS": ["12 High Street"]})


@pytest.mark.parametrize("text", ["1 " * 50_000, "aa " * 33_000, "1-" * 50_000])
def test_a_text_that_was_made_to_take_long_is_refused_in_time(text):
    numbers = ["1" * length for length in range(4, 36)]
    terms = terms_of({"ACCOUNT_ID": numbers, "ORGANIZATION": [f"{'aa ' * length}ab" for length in range(52, 84)]})
    begun = time.process_time()
    with pytest.raises(PrivacyUnavailable):
        list(terms.find(text))
    assert time.process_time() - begun < 1.0


@given(st.lists(st.sampled_from(["JANE", "jane", "Roe", "roe", "12", "0171", " ", "-", ", ", "\n", "x"]), max_size=30))
def test_every_find_is_a_form_of_a_value(pieces):
    text = "".join(pieces)
    terms = terms_of({"PERSON": ["Jane Roe"], "PHONE_NUMBER": ["+49 171 120171"]})
    for span in terms.find(text):
        whole = {"janeroe", "roejane", "jane", "roe", "0171120171", "171120171", "49171120171"}
        assert bare(text[span.start : span.end]) in whole


@given(st.lists(st.sampled_from(["", " ", "-", ".", "/", "  ", "\n", " / "]), min_size=9, max_size=9))
def test_a_number_is_found_however_it_is_cut(cuts):
    digits = "0171120171"
    spelled = "".join(digit + cut for digit, cut in zip(digits, [*cuts, ""], strict=True))
    assert found(f"call {spelled} now", PHONE_NUMBER="+49 171 120171") == [spelled]


def test_a_scope_tells_records_apart_in_any_order():
    one = {"PERSON": ["Jane Roe", "John Roe"], "ADDRESS": ["12 High Street"]}
    same = {"ADDRESS": ["12 High Street"], "PERSON": ["John Roe", "Jane Roe"]}
    assert scope_of(one) == scope_of(same) != scope_of({"PERSON": ["Jane Roe"], "ADDRESS": ["12 High Street"]})
    assert scope_of({"PERSON": ["a", "b"]}) != scope_of({"PERSON": ["a"], "ADDRESS": ["b"]})
