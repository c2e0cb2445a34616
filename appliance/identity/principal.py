"""Who is calling, and what that one may do."""

from typing import Annotated

from msgspec import Meta, Struct

from appliance.errors import Forbidden, NotFound


class Principal(Struct, frozen=True):
    tenant: str
    user: str | None
    key: str | None
    role: str
    permissions: frozenset[str]
    models: frozenset[str] | None  # none: every model

    def require(self, permission: str) -> None:
        if permission not in self.permissions:
            raise Forbidden(f"This credential lacks the permission {permission}. Ask for one that has it.")

    def may_use(self, model: str) -> bool:
        return self.models is None or model in self.models

    def require_model(self, model: str) -> None:
        # As OpenAI answers it: who may not use a model does not learn whether there is one.
        if not self.may_use(model):
            raise NotFound(
                f"The model {model!r} does not exist or you do not have access to it. See /v1/models.",
                param="model",
                code="model_not_found",
            )


class Subject(Struct, frozen=True):
    """The one that a token speaks for: as its issuer says, not yet as the database does."""

    tenant: Annotated[str, Meta(pattern=r"^[!-~]{1,63}\Z")]
    user: Annotated[str, Meta(pattern=r"^[!-~]{1,255}\Z")]
    role: str
