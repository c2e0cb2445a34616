"""Imports point down only; siblings never import each other; an outside system has one importer."""

import sys
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from tests.architecture.source import PACKAGES, Module, imports, module, product

BELOW = {
    "appliance": set(),
    "models": {"appliance"},
    "inference": {"models", "appliance"},
    "ingest": {"models", "appliance"},
    "api": {"inference", "ingest", "models", "appliance"},
}

# Who may import what is not ours. A client of an outside system stands in as few files as it can.
IMPORTERS = {
    "Stemmer": ["ingest/words.py"],
    "alembic": ["appliance/migrations/*"],
    "click": ["api/cli/*"],
    "cryptography": ["appliance/identity/tokens.py", "appliance/privacy/envelope.py", "models/bundle/signature.py"],
    "fastapi": ["api/routes/*", "api/openapi.py"],
    "gguf": ["models/*"],
    "httptools": ["inference/connection.py"],
    "httpx": ["ingest/weaviate/connection.py"],
    "hyperscan": ["appliance/privacy/scanning/prefilter.py"],
    "markdown_it": ["ingest/readers/markdown.py"],
    "jwt": ["appliance/identity/tokens.py"],
    "msgspec": ["*"],
    "numpy": ["models/*", "appliance/onnx.py", "appliance/privacy/people/names.py", "inference/minilm.py", "ingest/*"],
    "onnxruntime": ["appliance/onnx.py"],
    "opentelemetry": ["appliance/otlp.py"],
    "phonenumbers": ["appliance/privacy/proofs/phones.py"],
    "presidio_analyzer": ["appliance/privacy/presidio/*"],
    "presidio_anonymizer": ["appliance/privacy/presidio/*"],
    "prometheus_client": ["appliance/metrics.py"],
    "psycopg": ["appliance/db.py"],
    "pypdfium2": ["ingest/readers/pdfium.py"],
    "pynvml": ["appliance/gpus/nvml.py"],
    "re2": ["appliance/privacy/scanning/scanner.py"],
    "regex": ["appliance/privacy/presidio/clock.py"],
    "selectolax": ["ingest/readers/html.py"],
    "spacy": ["appliance/privacy/presidio/*"],
    "sqlalchemy": ["appliance/*", "ingest/catalogue/*"],
    "starlette": ["api/routes/*"],
    "stdnum": ["appliance/privacy/proofs/checks.py"],
    "tldextract": ["appliance/privacy/presidio/quiet.py"],
    "uv": ["models/store.py"],
    "uvicorn": ["api/listener.py", "api/worker.py"],
    "uvloop": ["api/worker.py"],
    "yaml": ["ingest/readers/openapi.py"],
    "weaviate": ["ingest/weaviate/*"],
    "xllamacpp": ["inference/llamacpp/child.py"],
}

# Optional or slow to import, and not needed by every start: its own adapter may load it late.
LATE = {
    "appliance.migrations.runner",  # imports Alembic
    "api.routes.pages",  # imports FastAPI, which no request of the hot path needs
    "appliance.privacy.people.names",  # imports numpy, and the next two libraries that only one setting needs
    "appliance.privacy.presidio.names",
    "onnxruntime",
    "appliance.otlp",  # imports OpenTelemetry, an extra
    "api.private",  # imports hundreds of patterns
    "appliance.privacy.presidio",  # imports spaCy: 2.4 seconds; an extra
    "cryptography",
    "ingest.readers.pdfium",  # imports PDFium, which only a PDF needs; the next are the same for their formats
    "markdown_it",
    "selectolax",
    "yaml",
    "inference.control",  # with the next two: what only engines need that come and go
    "inference.discovery",
    "inference.following",
    "inference.supervise.launching",  # imports the shelf, which only an appliance that launches vLLM needs
    "ingest.weaviate.access",  # imports Weaviate's client, an extra, as does the next
    "ingest.weaviate.index",
    "jwt",
    "models.bert",  # imports numpy and gguf, which only a conversion needs
    "models.minilm",
    "models.rampart",
    "pynvml",  # a tenth of a second, for machines with a GPU
    "models.store.hub",  # imports TLS, which only a pull needs
    "models.store.web",
    "xllamacpp",
}


def upward(modules: list[Module]) -> Iterator[str]:
    for each in modules:
        for used in imports(each):
            if used.top in {*PACKAGES, "tests"} and used.top not in {each.package, *BELOW[each.package]}:
                yield each.at(used.node, f"imports {used.name}, which is not below {each.package}")


def astray(modules: list[Module]) -> Iterator[str]:
    for each in modules:
        for used in imports(each):
            if used.top in sys.stdlib_module_names or used.top in PACKAGES:
                continue
            if not any(fnmatch(each.path, allowed) for allowed in IMPORTERS.get(used.top, [])):
                yield each.at(used.node, f"imports {used.name}; allowed in {IMPORTERS.get(used.top, 'no file')}")


def late(modules: list[Module]) -> Iterator[str]:
    for each in modules:
        for used in imports(each):
            if used.late and not any(f"{used.name}.".startswith(f"{name}.") for name in LATE):
                yield each.at(used.node, f"imports {used.name} late; move it to the top")


def private(modules: list[Module]) -> Iterator[str]:
    for each in modules:
        for used in imports(each):
            if used.top in PACKAGES and any(name.startswith("_") for name in used.name.split(".")):
                yield each.at(used.node, f"imports {used.name}, which is private to its module")


def framework_in_story(modules: list[Module]) -> Iterator[str]:
    for each in modules:
        for used in imports(each):
            if each.path == "api/chat.py" and used.top in ("fastapi", "starlette", "uvicorn", "aiohttp"):
                yield each.at(used.node, f"imports {used.name}; the story knows no framework")


@pytest.mark.parametrize("rule", [upward, astray, late, private, framework_in_story])
def test_the_product_keeps(rule):
    assert list(rule(product())) == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (upward, "appliance/x.py", "import models"),
        (upward, "appliance/x.py", "from api.cli import main"),
        (upward, "inference/x.py", "from ingest import search"),
        (upward, "ingest/x.py", "import inference.engine"),
        (upward, "models/x.py", "def f():\n    from inference import engine"),
        (upward, "models/x.py", "from importlib import import_module\nimport_module('api.app')"),
        (upward, "api/x.py", "import tests.unit"),
        (upward, "appliance/deep/x.py", "from ...api import app"),
        (astray, "inference/routing.py", "import aiohttp"),
        (astray, "api/x.py", "from sqlalchemy import text"),
        (astray, "appliance/x.py", "import requests"),
        (late, "appliance/x.py", "def f():\n    import json"),
        (late, "appliance/x.py", "def f():\n    from appliance.migrations import versions"),
        (late, "appliance/x.py", "try:\n    import json\nexcept ImportError:\n    pass"),
        (private, "api/x.py", "from appliance.config import _value"),
        (private, "api/x.py", "from appliance import _hidden"),
        (framework_in_story, "api/chat.py", "from fastapi import Request"),
    ],
)
def test_a_breach_is_seen(rule, path, text):
    assert len(list(rule([module(path, text)]))) == 1


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (upward, "api/x.py", "from inference.engine import Engine\nimport appliance.errors"),
        (upward, "appliance/deep/x.py", "from .. import errors"),
        (astray, "appliance/metrics.py", "from prometheus_client import Counter"),
        (late, "inference/llamacpp/child.py", "def f():\n    import xllamacpp"),
        (late, "api/cli/x.py", "def f():\n    from appliance.migrations import runner"),
        (private, "appliance/x.py", "from appliance.config import load\nimport __future__"),
    ],
)
def test_what_is_allowed_passes(rule, path, text):
    assert list(rule([module(path, text)])) == []
