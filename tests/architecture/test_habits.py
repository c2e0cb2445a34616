"""No environment outside config, no globals, no work on import, no guessing at errors."""

import ast
from collections.abc import Iterable, Iterator

import pytest

from tests.architecture.source import Module, imports, module, product

ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
READS_ENVIRONMENT = "appliance/config.py"
RUNS_ON_IMPORT = {"appliance/migrations/env.py"}  # Alembic executes it as a script
CATCH_ALL = {"Exception", "BaseException"}


def environment(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        if each.path == READS_ENVIRONMENT:
            continue
        for used in imports(each):
            if used.top == "os" and used.name.rpartition(".")[2] in ENVIRONMENT:
                yield each.at(used.node, f"imports {used.name}; only {READS_ENVIRONMENT} may")
        for node in ast.walk(each.tree):
            if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and ast.unparse(node.value) == "os":
                yield each.at(node, f"reads os.{node.attr}; only {READS_ENVIRONMENT} may")


def global_state(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        for node in ast.walk(each.tree):
            if isinstance(node, ast.Global):
                yield each.at(node, "a global is rebound; pass the value down")


def work_on_import(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        for node in each.tree.body if each.path not in RUNS_ON_IMPORT else ():
            is_loop = isinstance(node, ast.For | ast.While | ast.With | ast.Try)
            is_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await)
            if is_loop or is_call:
                yield each.at(node, "works on import; put it into a function")


def swallowed(modules: Iterable[Module]) -> Iterator[str]:
    """A catch-all stands only outermost: it raises again, logs the exception or hands it on."""
    for each in modules:
        for node in ast.walk(each.tree):
            if isinstance(node, ast.ExceptHandler) and _names(node.type) & CATCH_ALL and not _tells(node):
                yield each.at(node, "a catch-all that loses the exception")


def judged_by_text(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        for handler in ast.walk(each.tree):
            if not isinstance(handler, ast.ExceptHandler) or handler.name is None:
                continue
            for node in ast.walk(handler):
                if isinstance(node, ast.Compare) and f"str({handler.name})" in ast.unparse(node):
                    yield each.at(node, "an error is told by its text; tell it by its type")


def _names(kind: ast.expr | None) -> set[str]:
    if kind is None:
        return set(CATCH_ALL)
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return {ast.unparse(part) for part in parts}


def _tells(handler: ast.ExceptHandler) -> bool:
    for node in ast.walk(handler):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Attribute) and node.attr == "exception":
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in ("str", "repr"):
            handed_on = [each for each in node.args if isinstance(each, ast.Name) and each.id == handler.name]
            if handed_on:
                return True
    return False


RULES = [environment, global_state, work_on_import, swallowed, judged_by_text]


@pytest.mark.parametrize("rule", RULES)
def test_the_product_keeps(rule):
    assert list(rule(product())) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (environment, "import os\na = os.environ['A']"),
        (environment, "import os\na = os.getenv('A')"),
        (environment, "from os import environ"),
        (global_state, "def f():\n    global a\n    a = 1"),
        (work_on_import, "start()"),
        (work_on_import, "try:\n    a = 1\nfinally:\n    b = 2"),
        (swallowed, "def f():\n    try:\n        a()\n    except Exception:\n        pass"),
        (swallowed, "def f():\n    try:\n        a()\n    except (OSError, BaseException):\n        return"),
        (swallowed, "def f():\n    try:\n        a()\n    except:\n        return"),
        (swallowed, "def f():\n    try:\n        a()\n    except Exception as e:\n        return str(e)"),
        (
            judged_by_text,
            "try:\n    a()\nexcept OSError as e:\n    if 'x' in str(e):\n        raise",
        ),
    ],
)
def test_a_breach_is_seen(rule, text):
    assert len(list(rule([module("api/x.py", text)]))) == 1


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (environment, READS_ENVIRONMENT, "import os\na = os.environ"),
        (environment, "api/x.py", "import os\na = os.getpid()"),
        (
            work_on_import,
            "api/x.py",
            '"""Doc."""\nimport os\n\nA = frozenset()\n\nif __name__ == "__main__":\n    main()',
        ),
        (
            swallowed,
            "api/x.py",
            "def f():\n    try:\n        a()\n    except Exception:\n        undo()\n        raise",
        ),
        (swallowed, "api/x.py", "def f():\n    try:\n        a()\n    except Exception as e:\n        put(Failed(e))"),
    ],
)
def test_what_is_allowed_passes(rule, path, text):
    assert list(rule([module(path, text)])) == []
