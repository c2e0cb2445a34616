"""Authentication against a real database: the same on both."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from jwt.algorithms import OKPAlgorithm
from sqlalchemy import event

from appliance.db import Database
from appliance.errors import ConfigError, TooLarge, Unauthenticated
from appliance.identity import Identity, accounts
from appliance.identity.credentials import Order, create_key, list_keys, revoke_key, rotate_key
from appliance.identity.keys import Mint
from appliance.identity.signatures import Request, sign
from appliance.settings import Identity as IdentitySettings
from appliance.settings import Jwt

REQUEST = Request("POST", "/v1/chat/completions?trace=1", b'{"model":"small"}')


async def call(identity, credential, request=REQUEST):
    async def body():
        return request.body

    return await identity.authenticate({b"authorization": credential.encode()}, request.method, request.path, body)


async def refuses(identity, credential, request=REQUEST):
    with pytest.raises(Unauthenticated):
        await call(identity, credential, request)
    return True


@pytest.fixture
def key(database, mint):
    async def create(**changes):
        return await create_key(database, mint, Order(**({"tenant": "isp", "name": "test"} | changes)))

    return create


@pytest.fixture
def statements():
    """Every statement that a replica sends, the watch's and the pragmas left out."""

    def of(identity_database):
        seen = []

        @event.listens_for(identity_database.engine.sync_engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, *_rest):
            if "api_keys" in statement or "tenants" in statement:
                seen.append(statement)

        return seen

    return of


async def test_a_key_becomes_its_principal(replica, key):
    identity = await replica()
    issued = await key(role="operator", scopes=("inference", "metrics:read"), models=("small", "small"))
    for scheme in ("Bearer", "bearer", "BEARER"):
        principal = await call(identity, f"{scheme} {issued.text}")
    assert (principal.tenant, principal.user, principal.key, principal.role) == ("isp", None, issued.id, "operator")
    assert principal.permissions == {"inference", "metrics:read"}
    assert principal.models == {"small"}


async def test_a_users_key_has_the_users_role(database, replica, key):
    identity = await replica()
    await accounts.create_user(database, "isp", "u1", "customer")
    principal = await call(identity, f"Bearer {(await key(user='u1')).text}")
    assert (principal.user, principal.role, principal.permissions) == ("u1", "customer", {"inference"})


@pytest.mark.parametrize("change", [lambda k: k[:-1] + ("a" if k[-1] != "a" else "b"), lambda k: k[:-1], str.upper])
async def test_a_changed_key_is_refused_before_and_after_the_good_one(replica, key, change):
    identity = await replica()
    issued = await key()
    assert await refuses(identity, f"Bearer {change(issued.text)}")
    await call(identity, f"Bearer {issued.text}")
    assert await refuses(identity, f"Bearer {change(issued.text)}")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dTpw", "rf_", "Bearer rf_", "Bearer a.b.c", "Bearer\trf_a"]
)
async def test_what_is_no_credential_is_refused(replica, header):
    assert await refuses(await replica(), header)


async def test_every_refusal_reads_the_same(replica, key):
    identity = await replica()
    revoked = await key()
    await call(identity, f"Bearer {revoked.text}")
    said = set()
    signing = (await key(signing=True)).text
    for credential in ("Bearer rf_", f"Bearer {signing}", f"Bearer {Mint(b'q' * 32).bearer()}", "Bearer a.b.c", "X y"):
        with pytest.raises(Unauthenticated) as caught:
            await call(identity, credential)
        said.add((caught.value.message, caught.value.code))
    assert len(said) == 1


async def test_no_header_at_all(replica):
    with pytest.raises(Unauthenticated, match="Authorization: Bearer"):
        await (await replica()).authenticate({b"host": b"x"}, "GET", "/", None)


async def test_a_key_expires_also_when_it_is_remembered(database, mint, replica):
    now = time.time()
    identity = await replica(clock=lambda: now)
    order = Order(tenant="isp", name="short", expires_at=datetime.fromtimestamp(now + 10, UTC))
    credential = f"Bearer {(await create_key(database, mint, order)).text}"
    await call(identity, credential)
    now += 9.9
    await call(identity, credential)
    now += 0.2
    assert await refuses(identity, credential)


async def seen_within_a_second(identities, credential):
    """Seconds until the last of them refuses."""
    begun = time.monotonic()
    for identity in identities:
        while True:
            try:
                await call(identity, credential)
            except Unauthenticated:
                break
            assert time.monotonic() - begun < 1
            await asyncio.sleep(0.005)
    return time.monotonic() - begun


async def test_a_revoked_key_is_refused_on_every_replica_within_a_second(database, replica, key):
    identities = [await replica(), await replica()]
    for _ in range(3):
        issued = await key()
        for identity in identities:
            await call(identity, f"Bearer {issued.text}")
        await revoke_key(database, issued.id)
        await seen_within_a_second(identities, f"Bearer {issued.text}")


async def test_a_disabled_tenant_or_user_is_refused_until_enabled(database, replica, key):
    identity = await replica()
    await accounts.create_user(database, "isp", "u1", "agent")
    credential = f"Bearer {(await key(user='u1')).text}"
    for disable, enable, arguments in (
        (accounts.disable_tenant, accounts.enable_tenant, ("isp",)),
        (accounts.disable_user, accounts.enable_user, ("isp", "u1")),
    ):
        await call(identity, credential)
        await disable(database, *arguments)
        await seen_within_a_second([identity], credential)
        await enable(database, *arguments)
        await asyncio.sleep(0.6)
        await call(identity, credential)


async def test_a_rotated_key_lives_on_for_the_overlap(database, mint, replica, key):
    offset = 0.0
    identity = await replica(clock=lambda: time.time() + offset)
    old = await key(models=("small",))
    await call(identity, f"Bearer {old.text}")
    new = await rotate_key(database, mint, old.id, timedelta(hours=1))
    assert (await call(identity, f"Bearer {new.text}")).models == {"small"}
    await asyncio.sleep(0.6)
    await call(identity, f"Bearer {old.text}")
    offset = 3601
    assert await refuses(identity, f"Bearer {old.text}")
    await call(identity, f"Bearer {new.text}")


async def test_bad_keys_do_not_reach_the_database(database_url, database, statements, key):
    own = Database(database_url)
    seen = statements(own)
    identity = Identity(own, IdentitySettings(), b"p" * 64)
    await identity.start()
    foreign = Mint(b"q" * 32)
    for _ in range(200):
        assert await refuses(identity, f"Bearer {foreign.bearer()}")
    assert len(seen) == 1  # the start's own
    await asyncio.sleep(0.1)
    issued = await key()
    await asyncio.sleep(0.6)
    await revoke_key(database, issued.id)
    await asyncio.sleep(0.6)
    for _ in range(200):
        assert await refuses(identity, f"Bearer {issued.text}")
    assert len(seen) == 2
    await identity.close()
    await own.close()


async def test_requests_at_once_share_one_question(database_url, database, statements, key):
    own = Database(database_url)
    identity = Identity(own, IdentitySettings(), b"p" * 64)
    await identity.start()
    issued = await key()
    await asyncio.sleep(0.6)
    seen = statements(own)
    await asyncio.gather(*(call(identity, f"Bearer {issued.text}") for _ in range(100)))
    assert len(seen) == 1
    await identity.close()
    await own.close()


async def test_without_a_watch_nothing_is_remembered(database, key):
    identity = Identity(database, IdentitySettings(), b"p" * 64)  # never started
    issued = await key()
    await call(identity, f"Bearer {issued.text}")
    await revoke_key(database, issued.id)
    assert await refuses(identity, f"Bearer {issued.text}")


async def test_another_pepper_is_noticed_at_the_start(database, key):
    await key()
    with pytest.raises(ConfigError, match=r"identity\.pepper"):
        await Identity(database, IdentitySettings(), b"q" * 64).start()


async def test_the_last_use_is_written_in_batches(database, replica, key):
    identity = await replica()
    issued = await key()
    before = datetime.now(UTC)
    await call(identity, f"Bearer {issued.text}")
    assert (await list_keys(database))[0].last_used_at is None
    await identity.tidy()
    assert before <= (await list_keys(database))[0].last_used_at <= datetime.now(UTC)


async def test_a_remembered_key_costs_microseconds(replica, key):
    identity = await replica()
    credential = {b"authorization": f"Bearer {(await key()).text}".encode()}
    await asyncio.sleep(0.6)
    rounds = []
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(1000):
            await identity.authenticate(credential, "POST", "/", None)
        rounds.append(time.perf_counter() - begun)
        await asyncio.sleep(0)
    assert min(rounds) * 1000 < 50  # microseconds each


async def test_a_signed_request_is_let_in_once_on_all_replicas(replica, key):
    first, second = await replica(), await replica()
    issued = await key(signing=True)
    signed = sign(issued.text, REQUEST)
    assert (await call(first, signed)).key == issued.id
    assert await refuses(first, signed)
    assert await refuses(second, signed)
    await call(second, sign(issued.text, REQUEST))


@pytest.mark.parametrize(
    "tampered",
    [
        Request("GET", REQUEST.path, REQUEST.body),
        Request("POST", "/v1/chat/completions", REQUEST.body),
        Request("POST", REQUEST.path, b'{"model":"large"}'),
        Request("POST", REQUEST.path, b""),
    ],
)
async def test_a_signature_for_another_request_is_refused_and_spends_no_nonce(replica, key, tampered):
    identity = await replica()
    signed = sign((await key(signing=True)).text, REQUEST)
    assert await refuses(identity, signed, tampered)
    await call(identity, signed)


@pytest.mark.parametrize(("age", "let_in"), [(-301, False), (-299, True), (0, True), (299, True), (301, False)])
async def test_the_window_of_a_signature(replica, key, age, let_in):
    now = float(int(time.time()))
    identity = await replica(clock=lambda: now)
    signed = sign((await key(signing=True)).text, REQUEST, now=now - age)
    if let_in:
        await call(identity, signed)
    else:
        assert await refuses(identity, signed)


async def test_a_nonce_is_kept_while_its_timestamp_is_good_and_then_dropped(replica, key):
    now = time.time()
    identity = await replica(clock=lambda: now)
    signed = sign((await key(signing=True)).text, REQUEST, now=now)
    await call(identity, signed)
    now += 299
    await identity.tidy()
    assert await refuses(identity, signed)
    now += 700
    await identity.tidy()
    now -= 999  # as a replica would see it whose clock went wrong: the nonce is gone
    await call(identity, signed)


async def test_a_key_signs_or_bears_but_never_both(replica, key, mint):
    identity = await replica()
    signing, bearer = await key(signing=True), await key()
    assert await refuses(identity, f"Bearer {signing.text}")
    assert await refuses(identity, sign(bearer.text, REQUEST))
    assert await refuses(identity, sign(mint.signing_text(bearer.id), REQUEST))


async def test_a_revoked_or_forged_signing_key_reads_no_body(database, replica, key):
    identity = await replica()
    issued = await key(signing=True)
    await revoke_key(database, issued.id)
    for text in (issued.text, Mint(b"q" * 32).signing()):
        headers = {b"authorization": sign(text, REQUEST).encode()}
        with pytest.raises(Unauthenticated):
            await identity.authenticate(headers, "POST", REQUEST.path, lambda: pytest.fail("read"))


async def test_a_body_over_the_limit_is_refused_as_such(replica, key):
    async def body():
        raise TooLarge("Too large. Send less.")

    headers = {b"authorization": sign((await key(signing=True)).text, REQUEST).encode()}
    with pytest.raises(TooLarge):
        await (await replica()).authenticate(headers, "POST", REQUEST.path, body)


@pytest.fixture
def issuer(tmp_path):
    private = ed25519.Ed25519PrivateKey.generate()
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [OKPAlgorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": "1"}]}))

    def issue(**changes):
        claims = {"iss": "https://idp", "aud": "ringfence", "exp": int(time.time()) + 600, "sub": "u1"}
        claims |= {"tenant": "isp", "role": "agent"} | changes
        return f"Bearer {jwt.encode(claims, private, 'EdDSA', {'kid': '1'})}"

    issue.settings = IdentitySettings(jwt=Jwt(issuer="https://idp", keys_file=file, leeway_seconds=0))
    issue.file = file
    return issue


async def test_a_token_becomes_its_principal(replica, issuer):
    identity = await replica(issuer.settings)
    principal = await call(identity, issuer())
    assert (principal.tenant, principal.user, principal.key, principal.role) == ("isp", "u1", None, "agent")
    assert principal.permissions == {"inference", "models:read"}
    assert await refuses(identity, issuer(tenant="other"))
    assert await refuses(await replica(), issuer())


async def test_a_token_ends_with_its_tenant_its_user_its_time_and_its_key(database, replica, issuer):
    offset = 0.0
    identity = await replica(issuer.settings, clock=lambda: time.time() + offset)
    credential = issuer()
    await accounts.create_user(database, "isp", "u1", "customer")
    await asyncio.sleep(0.6)
    assert (await call(identity, credential)).permissions == {"inference"}  # never more than the user's role here
    await accounts.disable_user(database, "isp", "u1")
    await seen_within_a_second([identity], credential)
    await accounts.enable_user(database, "isp", "u1")
    await accounts.disable_tenant(database, "isp")
    await asyncio.sleep(0.6)
    assert await refuses(identity, credential)
    await accounts.enable_tenant(database, "isp")
    await asyncio.sleep(0.6)
    await call(identity, credential)
    offset = 601
    assert await refuses(identity, credential)
    offset = 0
    await call(identity, credential)
    issuer.file.write_text(issuer.file.read_text().replace('"kid": "1"', '"kid": "2"'))
    assert await refuses(identity, credential)
