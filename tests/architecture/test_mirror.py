"""Unit tests stand where their module stands, under its name; on top stand only tests of the folder's own rules."""

from collections.abc import Iterable, Iterator

from tests.architecture.source import product, suites

PREFIX = "tests/unit/"


def unmatched(tests: Iterable[str], modules: Iterable[str]) -> Iterator[str]:
    """`tests/unit/a/b/test_x_more.py` tests `a/b/x.py`, or the package `a/b/x`."""
    known = {each.removesuffix(".py").removesuffix("/__init__") for each in modules}
    for test in tests:
        folder, _, name = test.removeprefix(PREFIX).rpartition("/")
        if not test.startswith(PREFIX) or not folder or not name.startswith("test_"):
            continue
        words = name.removeprefix("test_").removesuffix(".py").split("_")
        if not any(f"{folder}/{'_'.join(words[:n])}" in known for n in range(1, len(words) + 1)):
            yield f"{test}: no module has this name"


def test_every_unit_test_mirrors_a_module():
    tests = [each.path for each in suites()]
    folders = ("tests/bench/", "tests/knowledge_data/", "tests/privacy_data/")
    tools = [path.removeprefix("tests/") for path in tests if path.startswith(folders)]
    assert list(unmatched(tests, [each.path for each in product()] + tools)) == []


def test_a_breach_is_seen():
    tests = ["tests/unit/a/test_x.py", "tests/unit/a/test_x_y.py", "tests/unit/a/test_z.py", "tests/unit/b/test_x.py"]
    assert list(unmatched(tests, ["a/x.py"])) == [
        "tests/unit/a/test_z.py: no module has this name",
        "tests/unit/b/test_x.py: no module has this name",
    ]
