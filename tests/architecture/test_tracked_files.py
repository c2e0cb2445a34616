"""What no file may hold: addresses of registries, places on one machine."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import ROOT, tracked

# Put together from halves, so that this file does not hold them either.
HALVES = [
    ("py", "pi.org"),
    ("files.python", "hosted.org"),
    ("registry.n", "pmjs.org"),
    ("proxy.go", "lang.org"),
    ("crates", ".io"),
    ("hugging", "face.co"),
    ("hf", ".co/"),
    ("ghcr", ".io"),
    ("docker", ".io"),
    ("index", "-url"),
    ("extra-", "index"),
    ("/work", "/"),
    ("/tmp/", "wt"),
    ("/ro", "ot/"),
    ("/home", "/"),
    ("/Us", "ers/"),
]
FORBIDDEN = re.compile("|".join(re.escape(one + other) for one, other in HALVES))
HEAVIEST = 1 << 20


def forbidden(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := FORBIDDEN.search(line):
            yield f"{name}:{number}: {found[0]}"


def texts() -> Iterator[tuple[str, str]]:
    for name in tracked():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8000]:
            yield name, content.decode("utf-8")


def test_no_file_names_a_registry_or_a_place_on_one_machine():
    assert [found for name, text in texts() for found in forbidden(name, text)] == []


@pytest.mark.parametrize("halves", HALVES)
def test_each_is_seen(halves):
    assert list(forbidden("x.md", "\nsee " + "".join(halves) + " there")) == [f"x.md:2: {''.join(halves)}"]


def test_no_file_is_heavy():
    assert [name for name in tracked() if (ROOT / name).stat().st_size > HEAVIEST] == []
