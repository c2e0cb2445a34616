"""Presidio's operators on our spans, and our placeholders as one of its operators."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig
from presidio_anonymizer.entities import RecognizerResult as Found
from presidio_anonymizer.operators import Operator, OperatorType

from appliance.errors import ConfigError
from appliance.privacy.presidio.quiet import hush
from appliance.privacy.span import Span

Issue = Callable[[str, str], str]
"""(type, value) -> its placeholder, as the vault of this request gives it."""


class Placeholder(Operator):
    """Replaces a value by what `issue` gives for it. Only the vault that issued it restores it."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        given = params or {}
        issue: Issue = given["issue"]
        return issue(given["entity_type"], text)

    def validate(self, params: dict[str, Any] | None = None) -> None:
        if not callable((params or {}).get("issue")):
            raise InvalidParamError("`issue` must be a function of a type and a value")

    def operator_name(self) -> str:
        return "placeholder"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize


class Anonymizer:
    """Operators by type, such as `{"PHONE_NUMBER": {"type": "mask", ...}}`; other types get their placeholder."""

    def __init__(self, operators: Mapping[str, Mapping[str, Any]]) -> None:
        hush()
        self._engine = AnonymizerEngine()
        self._engine.add_anonymizer(Placeholder)
        self._operators = {entity: self._checked(entity, dict(given)) for entity, given in operators.items()}

    def apply(self, text: str, spans: Iterable[Span], issue: Issue) -> str:
        """The text with each of these spans, which do not overlap, replaced."""
        found = [Found(each.type, each.start, each.end, each.score) for each in spans]
        operators = {**self._operators, "DEFAULT": OperatorConfig("placeholder", {"issue": issue})}
        done = self._engine.anonymize(text, found, operators, merge_entities_with_spaces=False)
        return str(done.text)

    def _checked(self, entity: str, given: dict[str, Any]) -> OperatorConfig:
        name = str(given.pop("type", ""))
        if name == "hash" and not given.get("salt"):
            # Presidio would draw one for each value, and no two mentions of a person would meet.
            raise ConfigError(f"The operator of {entity} hashes without a salt. Give it `salt`, of 16 bytes or more.")
        try:
            factory = self._engine.operators_factory
            operator = factory.create_operator_class(name, OperatorType.Anonymize)
            operator.validate({**given, "entity_type": entity})
            # Some parameters are only looked at when there is something to do.
            operator.operate("value", {**given, "entity_type": entity})
        except InvalidParamError as error:
            raise ConfigError(f"The operator of {entity} is wrong: {error.err_msg}. Correct its parameters.") from error
        return OperatorConfig(name, given)
