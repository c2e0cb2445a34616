"""Operators of Presidio's for single values, by type. Presidio is loaded for the first of them, and for none not."""

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from appliance.errors import ConfigError, PrivacyUnavailable
from appliance.privacy.span import Span
from appliance.settings import PresidioOperator

if TYPE_CHECKING:
    from appliance.privacy.presidio import Anonymizer


class Operators:
    def __init__(self, chosen: Mapping[str, PresidioOperator]) -> None:
        self._chosen = chosen
        self._loading = Lock()
        self._anonymizer: Anonymizer | None = None

    def prepare(self) -> None:
        """Raises ConfigError where an operator is none."""
        if self._chosen:
            self._loaded()

    def apply(self, kind: str, value: str) -> str | None:
        """What stands for the value; None where its type has no operator."""
        if kind not in self._chosen:
            return None
        try:
            return self._loaded().apply(value, [Span(0, len(value), kind, 1.0, "operator")], _refused)
        except Exception as error:
            # Not chained: what it says may quote the value.
            raise PrivacyUnavailable(
                f"The operator of {kind} broke ({type(error).__name__}), so the text is refused. "
                f"Correct privacy.presidio.operators.{kind}."
            ) from None

    def _loaded(self) -> "Anonymizer":
        with self._loading:
            if self._anonymizer is None:
                self._anonymizer = _opened({kind: _parameters(each) for kind, each in self._chosen.items()})
            return self._anonymizer


def _opened(operators: Mapping[str, Mapping[str, Any]]) -> "Anonymizer":
    try:
        from appliance.privacy.presidio import Anonymizer
    except ImportError as error:
        raise ConfigError(
            "privacy.presidio.operators needs Presidio. Install it: pip install 'ringfence[presidio]'.",
            param="privacy.presidio.operators",
        ) from error
    return Anonymizer(operators)


def _parameters(operator: PresidioOperator) -> dict[str, Any]:
    """Presidio takes an empty salt for one."""
    return {name: value for name, value in asdict(operator).items() if value != ""}


def _refused(kind: str, _value: str) -> str:
    raise LookupError(f"no operator for {kind}")
