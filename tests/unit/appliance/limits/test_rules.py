import pytest

from appliance.limits.budget import Kind
from appliance.limits.rules import Owner, Rule, applied, owner, subject
from appliance.settings import Bounds


def test_a_rule_replaces_one_bound_of_one_subject() -> None:
    tenant, user = subject("acme"), subject("acme", user="ann")
    defaults = {tenant: Bounds(concurrent=5, requests_per_minute=9), user: Bounds(concurrent=2)}
    rules = [Rule(tenant.id, Kind.CONCURRENT, 0), Rule(tenant.id, Kind.DAY, 7), Rule("tenant:other", Kind.DAY, 1)]
    assert applied(defaults, rules) == (
        (tenant, Bounds(concurrent=0, requests_per_minute=9, money_per_day=7)),
        (user, Bounds(concurrent=2)),
    )


def test_subjects_of_two_tenants_differ() -> None:
    ids = [subject(tenant, user=user, key=key).id for tenant in "ab" for user in (None, "x") for key in (None, "x")]
    assert len(set(ids)) == 6


@pytest.mark.parametrize("of", [Owner("acme"), Owner("acme", user="key:ann"), Owner("acme", key="k2")])
def test_a_subject_tells_whose_it_is(of: Owner) -> None:
    assert owner(of.subject.id) == of


def test_kinds_are_named_as_the_bounds() -> None:
    assert [str(kind) for kind in Kind] == list(Bounds.__struct_fields__)
