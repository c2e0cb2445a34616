"""The code under test as syntax trees: nothing is imported to be judged."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("appliance", "models", "inference", "ingest", "api")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.path.partition("/")[0]

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def at(self, node: ast.AST, words: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {words}"


class Import(NamedTuple):
    node: ast.AST
    name: str
    """The whole dotted name, of a module or of something in it."""
    late: bool

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]


def module(path: str, text: str) -> Module:
    return Module(path, text, ast.parse(text, path))


@cache
def product() -> tuple[Module, ...]:
    """Every module that is shipped."""
    return tuple(each for package in PACKAGES for each in _below(package))


@cache
def suites() -> tuple[Module, ...]:
    return tuple(_below("tests"))


@cache
def tracked() -> tuple[str, ...]:
    """What git has, and what it would have after `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return tuple(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def imports(of: Module) -> Iterator[Import]:
    """Also those inside functions, under `if`, relative ones, and `import_module` with a literal name."""
    early = set(_top_level(of.tree))
    for node in ast.walk(of.tree):
        late = node not in early
        if isinstance(node, ast.Import):
            yield from (Import(node, alias.name, late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(of, node)
            yield from (Import(node, f"{base}.{alias.name}", late) for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__") and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield Import(node, name.value, True)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    for node in tree.body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from node.body


def _absolute(of: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = of.path.removesuffix(".py").split("/")
    return ".".join([*parts[: -node.level], *filter(None, [node.module])])


def _below(package: str) -> Iterator[Module]:
    for file in sorted((ROOT / package).rglob("*.py")):
        yield module(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
