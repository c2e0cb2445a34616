"""What holds for a tenant: its own settings, and those of all where it has none."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from appliance.errors import ConfigError
from appliance.privacy.kinds import CATALOGUE, Kinds
from appliance.settings import Privacy, Recognizer, TenantPrivacy


class Choice(Struct, frozen=True):
    regions: tuple[str, ...]
    recognizers: tuple[Recognizer, ...]
    thresholds: Mapping[str, float]
    allow: frozenset[str]
    deny: Mapping[str, str]

    @property
    def types(self) -> frozenset[str]:
        return frozenset((*(each.name for each in CATALOGUE), *self.own_types))

    @property
    def own_types(self) -> tuple[str, ...]:
        """Types that the catalogue does not have."""
        named = {each.type for each in self.recognizers} | set(self.deny.values())
        return tuple(sorted(named.difference(each.name for each in CATALOGUE)))


def choice_of(chosen: Privacy, tenant: str) -> Choice:
    special = chosen.tenants.get(tenant, TenantPrivacy())
    return Choice(
        regions=chosen.phone_regions if special.phone_regions is None else special.phone_regions,
        recognizers=(*chosen.recognizers, *special.recognizers),
        thresholds={**chosen.thresholds, **special.thresholds},
        allow=frozenset((*chosen.allow, *special.allow)),
        deny={**chosen.deny, **special.deny},
    )


def lowest(choices: Sequence[Choice]) -> Kinds:
    """Thresholds under which no tenant wants a find."""
    named = {name for each in choices for name in each.thresholds}
    kinds = [Kinds(each.thresholds) for each in choices]
    return Kinds({name: min(each.threshold(name) for each in kinds) for name in named})


def check_types(chosen: Privacy) -> None:
    """A type that is misspelled would be masked, or have the usual threshold, and nobody would know why."""
    _check_operators(chosen)
    if chosen.presidio.recognizers:
        return  # they find types that only they know
    for tenant in ("", *chosen.tenants):
        special = chosen.tenants.get(tenant, TenantPrivacy())
        here = f"privacy.tenants.{tenant}" if tenant else "privacy"
        known = choice_of(chosen, tenant).types
        policy = special.policy if tenant else chosen.policy
        _check(f"{here}.policy.types", policy.types if policy else (), known)
        _check(f"{here}.thresholds", special.thresholds if tenant else chosen.thresholds, known)


def _check_operators(chosen: Privacy) -> None:
    given = set(chosen.presidio.operators)
    policies = [chosen.policy, *(each.policy for each in chosen.tenants.values() if each.policy)]
    used = {name for each in policies for name, action in each.types.items() if action == "operator"}
    for name in sorted(used - given):
        raise ConfigError(f"A policy gives {name} to an operator. Name it: privacy.presidio.operators.{name}.type.")
    for name in sorted(given - used):
        raise ConfigError(
            f'No policy uses privacy.presidio.operators.{name}. Set privacy.policy.types.{name} = "operator", or '
            "remove it."
        )


def _check(key: str, names: Iterable[str], known: frozenset[str]) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)
            raise ConfigError(
                f"{key} names the type {name!r}; the nearest known one is {near[0]}. Correct it.", param=key
            )
