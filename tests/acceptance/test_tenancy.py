"""Who may do what: roles, scopes, models and tenants, with keys that the command line made."""

from collections.abc import Iterator

import openai
import pytest

from tests.acceptance.load import EMBED, TOKENIZE, ask
from tests.acceptance.product import CHAT_MODEL, EMBEDDING_MODEL, Appliance, until

BOTH = {CHAT_MODEL, EMBEDDING_MODEL}


@pytest.mark.parametrize(
    ("options", "inference", "models", "metrics"),
    [
        (["--role", "admin"], 200, 200, 200),
        (["--role", "operator"], 200, 200, 200),
        (["--role", "agent"], 200, 200, 403),
        (["--role", "service"], 200, 200, 403),
        (["--role", "customer"], 200, 403, 403),
        (["--role", "operator", "--scope", "metrics:read"], 403, 403, 200),
        (["--role", "agent", "--scope", "models:read"], 403, 200, 403),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_role_and_its_scopes(
    starter: Appliance, options: list[str], inference: int, models: int, metrics: int
) -> None:
    key = starter.new_key(*options)[1]
    answer = ask(starter, key)
    assert answer.status == inference
    assert starter.get("/v1/models", key)[0] == models
    assert starter.get(f"/v1/models/{CHAT_MODEL}", key)[0] == models
    assert starter.get("/metrics", key)[0] == metrics
    if inference == 403:
        assert answer.code == "permission_denied"


def test_a_scope_cannot_widen_a_role(starter: Appliance) -> None:
    asked = ["keys", "create", "--name", "x", "--role", "customer", "--scope", "metrics:read"]
    done = starter.command(*asked, check=False)
    assert done.returncode == 1 and "metrics:read" in done.stderr
    assert not done.stdout


def test_a_key_sees_its_models_only(starter: Appliance) -> None:
    key = starter.new_key("--model", EMBEDDING_MODEL)[1]
    with starter.client(key) as client:
        assert {model.id for model in client.models.list()} == {EMBEDDING_MODEL}
        assert client.embeddings.create(model=EMBEDDING_MODEL, input="x").data
        for hidden in (CHAT_MODEL, "gpt-9"):
            with pytest.raises(openai.NotFoundError) as refused:
                client.chat.completions.create(model=hidden, messages=[{"role": "user", "content": "x"}])
            assert refused.value.code == "model_not_found"
            with pytest.raises(openai.NotFoundError):
                client.models.retrieve(hidden)
    with starter.client() as client:
        assert {model.id for model in client.models.list()} == BOTH


@pytest.fixture
def brand(starter: Appliance, request: pytest.FixtureRequest) -> Iterator[str]:
    """A tenant of the test's own."""
    name = request.node.name.replace("_", "-")[:60]
    starter.command("tenants", "create", name)
    yield name
    starter.command("tenants", "disable", name)


def test_a_disabled_tenant_is_refused_and_the_others_are_not(starter: Appliance, brand: str) -> None:
    keys = [starter.new_key("--tenant", brand)[1] for _ in range(2)]
    assert [ask(starter, key).status for key in keys] == [200, 200]
    starter.command("tenants", "disable", brand)
    for key in keys:
        until(lambda key=key: ask(starter, key).status == 401, "it is refused", 5)
    assert ask(starter, starter.key).status == 200
    starter.command("tenants", "enable", brand)
    until(lambda: all(ask(starter, key).status == 200 for key in keys for _ in range(10)), "it is let in again", 5)


def test_a_disabled_user_takes_his_keys_along(starter: Appliance, brand: str) -> None:
    starter.command("users", "create", "anna", "--tenant", brand, "--role", "agent")
    hers, another = starter.new_key("--tenant", brand, "--user", "anna")[1], starter.new_key("--tenant", brand)[1]
    assert ask(starter, hers).status == 200
    starter.command("users", "disable", "anna", "--tenant", brand)
    until(lambda: ask(starter, hers).status == 401, "she is refused", 5)
    assert ask(starter, another).status == 200


def test_a_key_ends_by_itself_and_a_rotated_one_overlaps(starter: Appliance) -> None:
    brief = starter.new_key("--expires", "1s")[1]
    until(lambda: ask(starter, brief).status == 401, "it has expired", 20)
    name, old = starter.new_key()
    new = starter.command("keys", "rotate", name, "--overlap", "6s").stdout.strip()
    assert [ask(starter, key).status for key in (old, new)] == [200, 200]
    until(lambda: ask(starter, old).status == 401, "the old one has ended", 30)
    assert ask(starter, new).status == 200


@pytest.mark.parametrize("credential", ["", "rf_", "nonsense", "rf_" + "a" * 24 + "_" + "b" * 43])
def test_strangers_stay_outside(starter: Appliance, credential: str) -> None:
    answer = ask(starter, credential)
    assert (answer.status, answer.code) == (401, "invalid_api_key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert starter.get("/v1/models", credential)[0] == 401


def test_the_ledger_tells_tenants_apart_and_holds_no_word(starter: Appliance, brand: str) -> None:
    name, key = starter.new_key("--tenant", brand)
    word = "Kaulquappe"
    said = [ask(starter, key, (TOKENIZE[0], {**TOKENIZE[1], "prompt": word})), ask(starter, key, EMBED)]
    until(lambda: len(entries_of(starter, brand)) == 2, "both are written")
    assert {entry["request_id"] for entry in entries_of(starter, brand)} == {answer.request_id for answer in said}
    assert {entry["key"] for entry in entries_of(starter, brand)} == {name}
    assert word not in starter.command("audit", "export").stdout
    assert word not in starter.log.read_text() and key not in starter.log.read_text()
    starter.verify()


def entries_of(starter: Appliance, tenant: str) -> list[dict[str, object]]:
    return [entry for entry in starter.ledger() if entry["tenant"] == tenant]
