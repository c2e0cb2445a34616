"""Every direct dependency has a reason, is used, and is pinned; no torch without being asked for."""

import re
import tomllib
from collections.abc import Iterable

from tests.architecture.source import ROOT, imports, product

# Distribution -> what is imported, where the two differ.
IMPORTED_AS = {
    "google-re2": "re2",
    "markdown-it-py": "markdown_it",
    "nvidia-ml-py": "pynvml",
    "prometheus-client": "prometheus_client",
    "pyjwt": "jwt",
    "pystemmer": "Stemmer",
    "python-stdnum": "stdnum",
    "pyyaml": "yaml",
    "weaviate-client": "weaviate",
}
# Used without being imported.
LOADED_BY_OTHERS = {
    "aiosqlite": "SQLAlchemy loads the driver that the URL names",
    "psycopg": "SQLAlchemy loads the driver that the URL names",
    "uvloop": "uvicorn runs on it",
    "uv": "run as a program",
}
NEVER = {"torch", "vllm", "tensorflow", "transformers"}


def names(requirements: Iterable[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", each, maxsplit=1)[0].lower() for each in requirements}


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def declared() -> set[str]:
    return names(project()["project"]["dependencies"])


def optional() -> set[str]:
    extras = project()["project"]["optional-dependencies"].values()
    return names(each for extra in extras for each in extra)


def development() -> set[str]:
    groups = project()["dependency-groups"].values()
    return names(each for group in groups for each in group if isinstance(each, str))


def documented() -> set[str]:
    text = (ROOT / "docs/dependencies.md").read_text()
    return set(re.findall(r"^\| `([\w-]+)` \| \S.* \| \S.* \| \S.* \|", text, re.MULTILINE))


def pins(file: str) -> set[tuple[str, str]]:
    """Each distribution with its version and the Python that it is for."""
    text = (ROOT / "requirements" / file).read_text()
    return set(re.findall(r"^([\w.-]+)(?:\[\w+\])?==(.+) \\\n    --hash=sha256:", text, re.MULTILINE))


def pinned(file: str) -> set[str]:
    return {name for name, _ in pins(file)}


def unused(dependencies: set[str], imported: set[str]) -> set[str]:
    return {
        name
        for name in dependencies
        if IMPORTED_AS.get(name, name.replace("-", "_")) not in imported and name not in LOADED_BY_OTHERS
    }


def test_names_are_read():
    assert names(["a>=1", "B-c[x]>=2", "d ; python_version<'3.12'", "e"]) == {"a", "b-c", "d", "e"}


def test_every_dependency_has_a_reason_and_no_reason_lacks_one():
    assert documented() == declared() | optional() | development()


def test_every_dependency_is_used():
    imported = {used.top for each in product() for used in imports(each)}
    assert unused(declared(), imported) == set()


def test_an_unused_one_is_seen():
    assert unused({"pyjwt", "left-pad", "uv"}, {"jwt"}) == {"left-pad"}


def test_everything_is_pinned_with_hashes():
    assert declared() <= pinned("default.txt")
    assert declared() | development() <= pinned("dev.txt")
    assert pins("default.txt") <= pins("dev.txt")


def test_the_default_install_is_light():
    assert not NEVER & pinned("default.txt")
