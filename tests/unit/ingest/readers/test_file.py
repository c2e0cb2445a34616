import ast
import re
from typing import get_args

from ingest.readers.file import Fault, File
from tests.architecture.source import ROOT, product


def test_a_file_within_another_is_one_deeper_and_named_after_it():
    inner = File("a.zip", b"", 1).inner("b/c.txt", b"x", "noted")
    assert (inner.path, inner.data, inner.depth, inner.notes) == ("a.zip/b/c.txt", b"x", 2, ("noted",))


def test_each_fault_is_documented_and_no_other():
    page = (ROOT / "docs/reference/errors.md").read_text().partition("## Documents that could not be read")[2]
    assert sorted(re.findall(r"^\| `(\w+)` \| \S.* \|$", page, re.MULTILINE)) == sorted(get_args(Fault))


def test_readers_name_no_other_fault_and_each_reason_is_a_sentence():
    found: dict[str, list[str]] = {}
    for module in product():
        for node in ast.walk(module.tree) if module.path.startswith("ingest/readers/") else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Unreadable", "Unread"):
                *_, fault, reason = node.args
                if isinstance(fault, ast.Constant):
                    found.setdefault(str(fault.value), []).append(ast.unparse(reason).rstrip("'\""))
    assert set(found) <= set(get_args(Fault))
    assert len(found) > 10
    assert [each for reasons in found.values() for each in reasons if not each.endswith(".")] == []
