"""One error tree; each code stands in docs/reference/errors.md with the HTTP status that the API gives it."""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator

import pytest

from api.errors import status_of
from appliance import errors
from appliance.errors import RingfenceError
from tests.architecture.source import ROOT, Module, module, product

PAGE = ROOT / "docs/reference/errors.md"
TREE = "appliance/errors.py"
BY_CODE = {"method_not_allowed": "405"}  # HTTP has a status of its own for it
FOREIGN = {name for name in dir(builtins) if name.endswith(("Error", "Exception"))}
ROW = re.compile(r"^\| `(\w+)` \| (\d+|none) \| \S.* \| \S.* \|$", re.MULTILINE)


def classes() -> list[type[RingfenceError]]:
    return [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, RingfenceError)]


def strays(modules: Iterable[Module]) -> Iterator[str]:
    """Exceptions that are not in the tree. A private one is a signal within its module."""
    for each in modules:
        for node in ast.walk(each.tree):
            if not isinstance(node, ast.ClassDef):
                continue
            bases = {ast.unparse(base) for base in node.bases}
            if bases & FOREIGN and node.name != "RingfenceError" and not node.name.startswith("_"):
                yield each.at(node, f"{node.name} is not a RingfenceError")
            elif each.path != TREE and bases & {each.__name__ for each in classes()}:
                yield each.at(node, f"{node.name} belongs into {TREE}")


def codes_given(modules: Iterable[Module]) -> Iterator[tuple[str, str]]:
    """`code=` where an error of ours is made, a literal or a constant of the module, with the name of its class."""
    known = {each.__name__ for each in classes()}
    for each in modules:
        constants = dict(_constants(each))
        for node in ast.walk(each.tree):
            name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
            for keyword in node.keywords if name in known else ():
                code = constants.get(ast.unparse(keyword.value), keyword.value)
                if keyword.arg == "code" and isinstance(code, ast.Constant):
                    yield str(code.value), name


def _constants(of: Module) -> Iterator[tuple[str, ast.expr]]:
    for node in of.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def documented() -> dict[str, str]:
    return dict(ROW.findall(PAGE.read_text()))


def test_every_exception_is_in_the_tree():
    assert list(strays(product())) == []


@pytest.mark.parametrize(
    "text",
    [
        "class A(Exception): ...",
        "class A(ValueError): ...",
        "class A(RequestError): ...",
        "class A(errors.X, OSError): ...",
    ],
)
def test_a_stray_is_seen(text):
    assert len(list(strays([module("api/x.py", text)]))) == 1


def test_every_class_has_a_code_of_its_own():
    codes = [each.__dict__.get("code") for each in classes()]
    assert None not in codes
    assert len(set(codes)) == len(codes)


def test_the_drawing_shows_every_class():
    drawn = set(re.findall(r"(?:├──|└──|^ {4})\s*(\w+)", errors.__doc__ or "", re.MULTILINE))
    assert drawn == {each.__name__ for each in classes()}


def test_codes_given_are_found():
    text = "LOST = 'lost'\nraise errors.NotFound('m', code='gone')\nf(code='other')\nraise NotFound('m', code=LOST)"
    assert list(codes_given([module("api/x.py", text)])) == [("gone", "NotFound"), ("lost", "NotFound")]


def test_every_code_is_documented_with_its_status():
    by_name = {each.__name__: each for each in classes()}
    given = {each.code: str(status_of(each("m", **_extra(each)))[0]) for each in classes()}
    for code, name in codes_given(product()):
        given[code] = BY_CODE.get(code) or str(status_of(by_name[name]("m", **_extra(by_name[name])))[0])
    page = documented()
    assert set(page) == set(given)
    assert len(ROW.findall(PAGE.read_text())) == len(page)
    # Errors that stop a program never reach the wire; the page gives them no status.
    assert {code: status for code, status in page.items() if status not in ("none", given[code])} == {}


def _extra(kind: type[RingfenceError]) -> dict[str, object]:
    if issubclass(kind, errors.Unreadable):
        return {"message": "m"}
    return {"retry_after": 1.0} if issubclass(kind, errors.LimitExceeded) else {}
