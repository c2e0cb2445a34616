"""Everything that is not the hot path, on FastAPI: models, privacy, metrics, documentation."""

from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from api import openapi, reference
from api.client import read_body, read_headers, target_of
from api.errors import UNEXPECTED, body_of, headers_of, status_of
from api.ring import Ring
from api.routes import engines, privacy, privacy_page, subjects
from appliance import metrics
from appliance.errors import InvalidRequest, NotFound, RingfenceError
from appliance.identity import Principal
from inference.messages import ServedModel


def build(ring: Ring) -> FastAPI:
    app = FastAPI(
        title="Ringfence",
        version=openapi.version(),
        # FastAPI's own pages load their scripts from the internet; ours need none.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # It would send to wherever a variable of OpenTelemetry's says, messages of errors included.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.exception_handler(RingfenceError)(_answer_error)
    app.exception_handler(HTTPException)(_answer_http_error)
    app.exception_handler(RequestValidationError)(_answer_invalid)
    app.exception_handler(Exception)(_answer_unexpected)

    async def authenticate(request: Request) -> Principal:
        async def body() -> bytes:
            return await read_body(request.receive, ring.settings.server.body_limit) or b""

        scope = request.scope
        return await ring.identity.authenticate(read_headers(scope), request.method, target_of(scope), body)

    _add_models(app, ring, Depends(authenticate))
    privacy.add(app, ring, Depends(authenticate))
    subjects.add(app, ring, Depends(authenticate))
    engines.add(app, ring)
    privacy_page.add(app)
    if not ring.settings.metrics.port:
        _add_metrics(app, ring, Depends(authenticate))
    _add_documentation(app)
    return app


def _add_models(app: FastAPI, ring: Ring, authenticated: Any) -> None:
    @app.get("/v1/models", tags=["models"], summary="List the models you may use")
    async def list_models(caller: Principal = authenticated) -> dict[str, Any]:
        caller.require("models:read")
        visible = [model for model in ring.fleet.models(caller.tenant) if caller.may_use(model.id)]
        return {"object": "list", "data": [_model(model) for model in visible]}

    @app.get("/v1/models/{model:path}", tags=["models"], summary="One model")
    async def get_model(model: str, caller: Principal = authenticated) -> dict[str, Any]:
        caller.require("models:read")
        caller.require_model(model)
        for served in ring.fleet.models(caller.tenant):
            if served.id == model:
                return _model(served)
        raise NotFound(
            f"The model '{model}' does not exist. GET /v1/models lists the models.",
            param="model",
            code="model_not_found",
        )


def _add_metrics(app: FastAPI, ring: Ring, authenticated: Any) -> None:
    @app.get("/metrics", tags=["operations"], summary="Prometheus metrics")
    async def read_metrics(caller: Principal = authenticated) -> Response:
        caller.require("metrics:read")
        return Response(ring.metrics.render(), media_type=metrics.CONTENT_TYPE)


def _add_documentation(app: FastAPI) -> None:
    # Once: it takes some milliseconds, and anybody may ask for it.
    description = openapi.describe(app)

    @app.get("/openapi.json", include_in_schema=False)
    async def describe() -> JSONResponse:
        return JSONResponse(description)

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        origin = str(request.base_url).rstrip("/")
        return HTMLResponse(reference.page(description, origin))


def _model(model: ServedModel) -> dict[str, Any]:
    entry = {"id": model.id, "object": "model", "created": model.created, "owned_by": model.owned_by}
    return entry if model.context is None else {**entry, "max_model_len": model.context}


async def _answer_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RingfenceError)
    headers = {name.decode(): value.decode() for name, value in headers_of(error)}
    return Response(body_of(error), status_of(error)[0], headers, media_type="application/json")


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return await _answer_error(
            request, NotFound(f"There is nothing at {request.url.path}. GET /docs lists the endpoints.")
        )
    response = await _answer_error(request, InvalidRequest(f"{error.detail}. GET /docs lists the endpoints."))
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    return response


async def _answer_unexpected(request: Request, _error: Exception) -> Response:
    """Starlette raises the error again afterwards, for the log."""
    return await _answer_error(request, UNEXPECTED)


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    param = ".".join(str(part) for part in first["loc"][1:])
    return await _answer_error(request, InvalidRequest(f"Invalid '{param}': {first['msg']}. Change it.", param=param))
