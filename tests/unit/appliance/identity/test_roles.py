import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import InvalidRequest
from appliance.identity.roles import PERMISSIONS, ROLES, check_role, check_scopes, permissions


def test_the_table_of_roles():
    use = {"inference", "models:read"}
    watch = {"metrics:read", "config:read", "audit:read"}
    operate = {"engines:read", "engines:operate"}
    manage = {"keys:manage", "users:manage", "tenants:manage", "privacy:manage", "engines:manage"}
    assert {role: set(granted) for role, granted in ROLES.items()} == {
        "admin": use | watch | operate | manage,
        "operator": use | watch | operate | {"keys:manage"},
        "agent": use,
        "service": use,
        "customer": {"inference"},
    }


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        ROLES["customer"] = PERMISSIONS


@given(st.sampled_from(sorted(ROLES)), st.lists(st.sampled_from([*sorted(PERMISSIONS), "root", ""])))
def test_scopes_narrow_and_never_widen(role, scopes):
    assert permissions(role, scopes) == ROLES[role] & set(scopes)
    assert permissions(role) == ROLES[role]


def test_an_unknown_role_may_nothing():
    assert permissions("root") == frozenset()


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: check_role("operater"), "nearest is 'operator'"),
        (lambda: check_scopes(["inferense"], "agent"), "nearest is 'inference'"),
        (lambda: check_scopes(["audit:read"], "agent"), "the role agent does not have audit:read"),
    ],
)
def test_a_wrong_name_is_refused_with_a_way_out(check, message):
    with pytest.raises(InvalidRequest, match=f"(?i){message}"):
        check()
