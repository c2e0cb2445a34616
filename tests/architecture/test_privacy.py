"""Only the vault makes what an engine may see; probes say words of our own."""

from collections.abc import Iterable, Iterator

import pytest

from tests.architecture.source import Module, imports, module, product

MAKER = "appliance.privacy.scrubbed"
ALLOWED = {
    f"{MAKER}.Scrubbed": None,  # the type, to name it
    f"{MAKER}.seal": {"appliance/privacy/vault.py"},
    f"{MAKER}.own": {"inference/vllm.py", "api/checks/services.py"},
}


def makers(modules: Iterable[Module]) -> Iterator[str]:
    for each in modules:
        for used in imports(each):
            inside = f"{used.name}.".startswith(f"{MAKER}.")
            places = ALLOWED.get(used.name, set())
            if inside and places is not None and each.path not in places:
                yield each.at(used.node, f"imports {used.name}, and may not")


def test_only_the_vault_seals():
    assert list(makers(product())) == []


@pytest.mark.parametrize(
    "text",
    [
        "from appliance.privacy.scrubbed import seal",
        "from appliance.privacy.scrubbed import own",
        "from appliance.privacy import scrubbed",
        "import appliance.privacy.scrubbed",
        "from appliance.privacy.scrubbed import Scrubbed, seal as s",
    ],
)
def test_another_maker_is_seen(text):
    assert len(list(makers([module("api/x.py", text)]))) == 1


def test_who_names_the_type_is_no_maker():
    assert list(makers([module("inference/x.py", "from appliance.privacy.scrubbed import Scrubbed")])) == []
