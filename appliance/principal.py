"""Who is calling, and what that one may do."""

from msgspec import Struct

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
            raise Forbidden(
                f"This credential does not have the permission {permission}. Ask an administrator for one that has it."
            )

    def may_use(self, model: str) -> bool:
        return self.models is None or model in self.models

    def require_model(self, model: str) -> None:
        # As OpenAI answers it: who may not use a model does not learn whether there is one.
        if not self.may_use(model):
            raise NotFound(
                f"The model {model!r} does not exist or you do not have access to it. Choose one that /v1/models lists.",
                param="model",
                code="model_not_found",
            )
