"""The description of all endpoints: FastAPI knows its own, the hot path's are added here."""

from importlib.metadata import version as installed_version
from typing import Any

import msgspec
from fastapi import FastAPI

from api.routes import health
from api.routes.openai import TASKS
from api.schema.engines import DOCUMENTED
from api.schema.openai import BY_TASK

SUMMARIES = {
    "chat": "Answer a conversation",
    "completions": "Continue a text",
    "embeddings": "Turn texts into vectors",
    "tokenize": "Turn text into tokens",
    "detokenize": "Turn tokens into text",
}


ANSWERS = {"200": {"description": "Yes."}, "503": {"description": "No, and why."}}


def version() -> str:
    return installed_version("ringfence")


def describe(app: FastAPI) -> dict[str, Any]:
    description = app.openapi()
    schemas, components = msgspec.json.schema_components(
        [*(BY_TASK[task] for task in TASKS.values()), *DOCUMENTED], ref_template="#/components/schemas/{name}"
    )
    hot = {
        path: {"post": _operation(task, schema)}
        for (path, task), schema in zip(TASKS.items(), schemas[: len(TASKS)], strict=True)
    }
    operations = {
        path: {"get": {"tags": ["operations"], "summary": summary, "security": [], "responses": ANSWERS}}
        for path, summary in health.SUMMARIES.items()
    }
    known = description.get("components", {})
    return {
        **description,
        "paths": {**hot, **description["paths"], **operations},
        "components": {
            **known,
            "schemas": {**known.get("schemas", {}), **components},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _operation(task: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "tags": ["inference"],
        "summary": SUMMARIES[task],
        "operationId": task,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "200": {"description": "The answer, in OpenAI's shape; server-sent events when `stream` is true."},
            "4XX": {"description": "An error in OpenAI's shape that names the parameter and the remedy."},
        },
    }
