import re

import pytest

from appliance.privacy.placeholder import DIGITS, MOST_DIGITS, Placeholders, Reach, Secret, normalised

KEY = b"k" * 32


def issue(placeholders: Placeholders, kind: str, value: str, reach: Reach = Reach.ANYWHERE) -> str:
    return placeholders.issue(kind, value, reach).placeholder


def test_it_is_a_type_and_a_digest():
    assert re.fullmatch(r"<PERSON_[0-9A-F]{6}>", issue(Placeholders(KEY), "PERSON", "Jane Doe"))


def test_every_order_and_every_request_come_to_the_same():
    values = [f"user{number}" for number in range(200)]
    one, two = Placeholders(KEY), Placeholders(KEY)
    forward = {value: issue(one, "USERNAME", value) for value in values}
    backward = {value: issue(two, "USERNAME", value) for value in reversed(values)}
    assert forward == backward
    assert len(set(forward.values())) == len(values)


def test_types_and_tenants_are_told_apart():
    known = {issue(Placeholders(key), kind, "4711") for key in (KEY, b"o" * 32) for kind in ("ACCOUNT_ID", "TICKET_ID")}
    assert len({each.partition("_")[2][-7:] for each in known}) == 4


def test_values_whose_digests_begin_alike_get_longer_ones():
    """10,000 values have about three pairs that share six digits."""
    placeholders = Placeholders(KEY)
    issued = [issue(placeholders, "USERNAME", f"user{number}") for number in range(10_000)]
    assert len(set(issued)) == len(issued)
    widths = {len(each) - len("<USERNAME_>") for each in issued}
    assert min(widths) == DIGITS
    assert DIGITS < max(widths) <= MOST_DIGITS


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        ("EMAIL_ADDRESS", ("Jane@Example.net", "jane@example.NET")),
        ("PHONE_NUMBER", ("+1 (555) 010-9999", "+15550109999", "+1.555.010.9999")),
        ("PHONE_NUMBER", ("555-010-9999", "(555) 010 9999")),
        ("PHONE_NUMBER", ("555-010-9999", "+1 (555) 010-9999")),
        ("PHONE_NUMBER", ("+44 20 7946 0958", "020 7946 0958", "0044 20 79460958")),
        ("UK_NHS", ("943 476 5919", "943-476-5919")),
        ("MAC_ADDRESS", ("00:1A:2B:3C:4D:5E", "001a.2b3c.4d5e", "00-1a-2b-3c-4d-5e", "001a2b-3c4d5e")),
        ("IBAN_CODE", ("DE89 3704 0044 0532 0130 00", "de89370400440532013000")),
        ("CREDIT_CARD", ("4111 1111 1111 1111", "4111-1111-1111-1111")),
        ("IP_ADDRESS", ("2001:DB8:0:0::1", "2001:db8::1")),
        ("PERSON", ("Jane  Doe", "JANE\nDOE")),
    ],
)
def test_spellings_of_one_value_meet(kind, spellings):
    placeholders = Placeholders(KEY)
    assert len({issue(placeholders, kind, each) for each in spellings}) == 1
    assert [each.value for each in placeholders.values()] == [spellings[-1]]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("PASSWORD", "Secret", "secret"),
        ("WIFI_KEY", "a b", "ab"),
        ("IP_ADDRESS", "10.0.0.1", "10.0.0.10"),
        ("IP_ADDRESS", "10.0.0.0/8", "10.0.0.0/16"),
    ],
)
def test_what_may_be_two_stays_two(kind, one, other):
    assert normalised(kind, one) != normalised(kind, other)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("+1 212 555 0199", "+44 212 555 0199"),
        ("+1 212 555 0199", "312 555 0199"),
        ("+1 555 0199", "555 0199"),
        ("+49 30 1234567890", "4567890"),
        ("+12345 555 010 9999", "555 010 9999"),
    ],
)
def test_lines_that_may_be_two_stay_two(first, second):
    placeholders = Placeholders(KEY)
    assert issue(placeholders, "PHONE_NUMBER", first) != issue(placeholders, "PHONE_NUMBER", second)


def test_of_two_lines_that_it_may_be_none_is_chosen():
    placeholders = Placeholders(KEY)
    for number in ("+1 212 555 0199", "+44 212 555 0199", "212 555 0199"):
        issue(placeholders, "PHONE_NUMBER", number)
    assert len(placeholders) == 3


def test_a_value_reaches_as_far_as_its_farthest_bringer():
    placeholders = Placeholders(KEY)
    placeholders.issue("PERSON", "JANE DOE", Reach.NOWHERE)
    secret = placeholders.issue("PERSON", "Jane Doe", Reach.ANYWHERE)
    placeholders.issue("PERSON", "jane doe", Reach.NOWHERE)
    assert (secret.reach, secret.value) == (Reach.ANYWHERE, "Jane Doe")


def test_a_type_of_any_name_makes_a_placeholder():
    for kind in ("my type", "l2tp-id", "Straße", "_x_", "€"):
        assert re.fullmatch(r"<[A-Z0-9]+(_[A-Z0-9]+)*_[0-9A-F]{6}>", issue(Placeholders(KEY), kind, "value"))


def test_what_an_earlier_request_issued_is_known_by_its_digest_and_its_value():
    known = Placeholders(b"k")
    known.recall(Secret("PHONE_NUMBER", "123ABC", "+49 171 1234567", Reach.ANYWHERE))
    assert known.get("123ABC").value == "+49 171 1234567"
    assert not known.get("123ABC").sent
    assert known.issue("PHONE_NUMBER", "0171 1234567", Reach.CALLS) is known.get("123ABC")
    assert known.get("123ABC").sent and known.get("123ABC").kept
    assert [each.digest for each in known.values()] == ["123ABC"]


def test_a_digest_that_was_kept_is_given_to_no_other_value():
    digest = Placeholders(b"k").issue("PERSON", "Jane", Reach.ANYWHERE).digest
    known = Placeholders(b"k")
    known.recall(Secret("PERSON", digest, "John", Reach.ANYWHERE))
    other = known.issue("PERSON", "Jane", Reach.ANYWHERE).digest
    assert other.startswith(digest) and len(other) == len(digest) + 2
