"""Who may do what: each role's permissions. A key's scopes narrow them and never widen."""

import difflib
from collections.abc import Iterable
from types import MappingProxyType

from appliance.errors import InvalidRequest

INFERENCE = "inference"
MODELS_READ = "models:read"
METRICS_READ = "metrics:read"
CONFIG_READ = "config:read"
AUDIT_READ = "audit:read"
KEYS_MANAGE = "keys:manage"
USERS_MANAGE = "users:manage"
TENANTS_MANAGE = "tenants:manage"
PRIVACY_MANAGE = "privacy:manage"
ENGINES_READ = "engines:read"
ENGINES_OPERATE = "engines:operate"
"""Start, stop, swap."""
ENGINES_MANAGE = "engines:manage"
"""Say which adapters there are and for whom, and trust GPUs again."""

_USE = frozenset({INFERENCE, MODELS_READ})
_WATCH = frozenset({METRICS_READ, CONFIG_READ, AUDIT_READ})
_OPERATE = frozenset({ENGINES_READ, ENGINES_OPERATE})
_MANAGE = frozenset({KEYS_MANAGE, USERS_MANAGE, TENANTS_MANAGE, PRIVACY_MANAGE, ENGINES_MANAGE})

PERMISSIONS = _USE | _WATCH | _OPERATE | _MANAGE

ROLES = MappingProxyType(
    {
        "admin": PERMISSIONS,
        "operator": _USE | _WATCH | _OPERATE | {KEYS_MANAGE},
        "agent": _USE,
        "service": _USE,
        "customer": frozenset({INFERENCE}),
    }
)


def permissions(role: str, scopes: Iterable[str] | None = None) -> frozenset[str]:
    """No scopes at all means everything the role has. A role that this version does not know has nothing."""
    granted = ROLES.get(role, frozenset())
    return granted if scopes is None else granted.intersection(scopes)


def check_role(role: str) -> None:
    if role not in ROLES:
        raise InvalidRequest(_unknown("role", role, ROLES), param="role")


def check_scopes(scopes: Iterable[str], role: str) -> None:
    for scope in scopes:
        if scope not in PERMISSIONS:
            raise InvalidRequest(_unknown("scope", scope, PERMISSIONS), param="scopes")
        if scope not in ROLES[role]:
            raise InvalidRequest(
                f"The role {role} does not have {scope}, and a scope cannot add it. Choose another role.",
                param="scopes",
            )


def _unknown(noun: str, given: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(given, names, n=1, cutoff=0)[0]
    return f"There is no {noun} {given!r}; the nearest is {near!r}. Choose one of {', '.join(names)}."
