"""How big a thing may be, and what it may be called."""

import ast
import re
from collections.abc import Iterable, Iterator

import pytest

from tests.architecture.source import Module, module, product, suites

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
MOST_PARAMETERS = 5
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}


def long_modules(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        if each.lines > LONGEST_MODULE:
            yield f"{each.path}: {each.lines} lines; allowed: {LONGEST_MODULE}"


def long_functions(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        for function in each.functions:
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > LONGEST_FUNCTION:
                yield each.at(function, f"{function.name} has {length} lines; allowed: {LONGEST_FUNCTION}")


def many_parameters(modules: Iterable[Module]) -> Iterator[str]:
    """A command of the CLI is exempt: its parameters are its options."""
    for each in modules:
        for function in each.functions:
            names = [one.arg for one in _parameters(function.args) if one.arg not in ("self", "cls")]
            if len(names) > MOST_PARAMETERS and not _is_command(each, function):
                yield each.at(function, f"{function.name} takes {len(names)}; pass a frozen dataclass")


def closed_doors(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        if not each.path.endswith("/__init__.py"):
            continue
        for node in each.tree.body:
            if not (isinstance(node, ast.Import | ast.ImportFrom) or _is_docstring(node) or _is_all(node)):
                yield each.at(node, "a door holds names only")


def empty_names(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        if EMPTY_WORDS & set(re.split(r"[/_.]", each.path.lower())):
            yield f"{each.path}: name the noun"
        for node in ast.walk(each.tree):
            if isinstance(node, ast.ClassDef) and EMPTY_WORDS & set(_words(node.name)):
                yield each.at(node, f"{node.name}: name the noun")


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _is_command(of: Module, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return of.path.startswith("api/cli/") and bool(function.decorator_list)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]+[a-z0-9]*", name)]


@pytest.mark.parametrize("rule", [long_modules, long_functions, many_parameters, closed_doors, empty_names])
def test_the_product_keeps(rule):
    assert list(rule(product())) == []


@pytest.mark.parametrize("rule", [long_modules, long_functions, closed_doors, empty_names])
def test_the_tests_keep(rule):
    assert list(rule(suites())) == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (long_modules, "api/x.py", "a = 1\n" * 401),
        (long_functions, "api/x.py", "def f():\n" + "    a = 1\n" * 60),
        (long_functions, "api/x.py", "class C:\n    async def f(self):\n" + "        a = 1\n" * 60),
        (many_parameters, "api/x.py", "def f(a, b, c, d, e, f): ..."),
        (many_parameters, "api/x.py", "class C:\n    def f(self, a, b, /, c, *, d, e, f): ..."),
        (closed_doors, "api/__init__.py", "def f(): ..."),
        (closed_doors, "api/__init__.py", "app = build()"),
        (empty_names, "api/utils.py", ""),
        (empty_names, "api/stream_helpers.py", ""),
        (empty_names, "api/x.py", "class EngineManager: ..."),
    ],
)
def test_a_breach_is_seen(rule, path, text):
    assert len(list(rule([module(path, text)]))) == 1


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (long_modules, "api/x.py", "a = 1\n" * 400),
        (long_functions, "api/x.py", "def f():\n" + "    a = 1\n" * 59),
        (many_parameters, "api/x.py", "class C:\n    def f(self, a, b, c, d, e): ..."),
        (many_parameters, "api/cli/x.py", "@command\ndef f(a, b, c, d, e, f): ..."),
        (closed_doors, "api/__init__.py", '"""A door."""\n\nfrom api.x import X\n\n__all__ = ["X"]'),
        (empty_names, "api/x.py", "from contextlib import contextmanager\n\nclass Commonwealth: ..."),
    ],
)
def test_what_is_allowed_passes(rule, path, text):
    assert list(rule([module(path, text)])) == []
