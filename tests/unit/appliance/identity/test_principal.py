import pytest

from appliance.errors import Forbidden, NotFound
from appliance.identity.principal import Principal

PRINCIPAL = Principal("isp", None, "k", "agent", frozenset({"inference"}), frozenset({"small"}))


def test_a_permission_that_is_there():
    PRINCIPAL.require("inference")


def test_a_permission_that_is_not():
    with pytest.raises(Forbidden, match="audit:read"):
        PRINCIPAL.require("audit:read")


def test_a_model_that_is_allowed():
    PRINCIPAL.require_model("small")
    Principal("isp", None, "k", "agent", frozenset(), None).require_model("any")


def test_a_model_that_is_not_allowed_does_not_exist():
    with pytest.raises(NotFound) as caught:
        PRINCIPAL.require_model("large")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
