import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from appliance.errors import ConfigError, Unavailable
from appliance.identity.tokens import Tokens, VerificationKey, choose
from appliance.settings import Jwt

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
PRIVATE = {"RS256": RSA, "ES256": EC, "EdDSA": ED}
WRITERS = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


def jwk(algorithm, kid=None, private=False, **more):
    key = PRIVATE[algorithm] if private else PRIVATE[algorithm].public_key()
    return WRITERS[algorithm].to_jwk(key, as_dict=True) | ({"kid": kid} if kid else {}) | more


def pem(algorithm):
    return PRIVATE[algorithm].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


ALL = [jwk("RS256", "r"), jwk("ES256", "e"), jwk("EdDSA", "d")]


@pytest.fixture
def tokens(tmp_path):
    def build(keys=ALL, **changes):
        file = tmp_path / "keys.json"
        file.write_bytes(keys if isinstance(keys, bytes) else json.dumps({"keys": keys}).encode())
        return Tokens(Jwt(issuer="https://idp", keys_file=file, leeway_seconds=0, **changes))

    return build


def claims(**changes):
    now = int(time.time())
    given = {"iss": "https://idp", "aud": "ringfence", "exp": now + 60, "sub": "u1", "tenant": "isp", "role": "agent"}
    return {name: value for name, value in (given | changes).items() if value is not None}


def token(algorithm="RS256", kid="r", headers=None, **changes):
    named = {"kid": kid} if kid else {}
    return jwt.encode(claims(**changes), PRIVATE[algorithm], algorithm, {**named, **(headers or {})}).encode()


def part(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "r"), ("ES256", "e"), ("EdDSA", "d")])
def test_each_algorithm_by_jwks_and_by_pem(tokens, algorithm, kid):
    for keys in (ALL, pem(algorithm)):
        verified = tokens(keys).verify(token(algorithm, kid))
        assert (verified.subject.tenant, verified.subject.user, verified.subject.role) == ("isp", "u1", "agent")
        assert verified.expires_at == pytest.approx(time.time() + 60, abs=3)


def test_claims_by_other_names(tokens):
    verified = tokens(tenant_claim="https://isp/tenant", role_claim="ring_role").verify(
        token(tenant=None, role=None, **{"https://isp/tenant": "isp", "ring_role": "admin"})
    )
    assert (verified.subject.tenant, verified.subject.role) == ("isp", "admin")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"aud": ["other"]},
        {"exp": None},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"nbf": 99999999999},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "u\n1"},
        {"sub": "u" * 256},
        {"tenant": None},
        {"tenant": "a\0b"},
        {"tenant": ["isp"]},
        {"role": None},
        {"role": "root"},
        {"role": ["admin"]},
    ],
)
def test_a_wrong_claim_is_refused(tokens, changes):
    assert tokens().verify(token()) is not None
    assert tokens().verify(token(**changes)) is None


def forged(header, key=None, digest=hashlib.sha256):
    head = part(header) + b"." + part(claims())
    signature = hmac.new(key, head, digest).digest() if key is not None else b""
    return head + b"." + part(signature)


@pytest.mark.parametrize(
    "made",
    [
        lambda: forged({"alg": "none"}),
        lambda: forged({"alg": "none", "kid": "r"}),
        lambda: forged({"alg": "None", "kid": "r"}),
        lambda: forged({"alg": "", "kid": "r"}),
        lambda: forged({"kid": "r"}),
        lambda: forged({"alg": None, "kid": "r"}),
        lambda: forged({"alg": ["RS256"], "kid": "r"}),
        lambda: forged({"alg": "HS256", "kid": "r"}, pem("RS256")),
        lambda: forged({"alg": "RS256", "kid": "r"}, pem("RS256")),
        lambda: forged({"alg": "HS256", "kid": "r"}, json.dumps(ALL[0]).encode()),
        lambda: forged({"alg": "HS256", "kid": "r"}, ALL[0]["n"].encode()),
        lambda: forged({"alg": "HS256", "kid": "d"}, base64.urlsafe_b64decode(ALL[2]["x"] + "=")),
        lambda: forged({"alg": "HS512", "kid": "r"}, pem("RS256"), hashlib.sha512),
        lambda: token("RS256", "e"),
        lambda: token("ES256", "r"),
        lambda: token("RS256", "unknown"),
        lambda: token("RS256", "r", {"crit": ["exp"]}),
        lambda: token("RS256", "r", {"crit": ["b64"], "b64": False}),
        lambda: jwt.encode(claims(), RSA, "PS256", {"kid": "r"}).encode(),
        lambda: jwt.encode(claims(), RSA, "RS512", {"kid": "r"}).encode(),
        lambda: jwt.encode(claims(), rsa.generate_private_key(65537, 2048), "RS256", {"kid": "r"}).encode(),
        lambda: jwt.encode(
            claims(), ED, "EdDSA", {"kid": "unknown", "jwk": jwk("EdDSA"), "jku": "http://127.0.0.1/keys"}
        ).encode(),
        lambda: token() + b"A",
        lambda: token().rsplit(b".", 1)[0] + b".",
        lambda: token().rsplit(b".", 1)[0],
        lambda: b".".join([token().split(b".")[0], part(claims(role="admin")), token().split(b".")[2]]),
        lambda: part(b'{"alg":' + b"[" * 5000) + b".e30.AA",
        lambda: b"\xff\xfe.\xff.\xff",
        lambda: b"",
        lambda: token(padding="x" * 8192),
    ],
)
def test_confusion_is_refused(tokens, made):
    assert tokens().verify(made()) is None


def test_an_algorithm_that_settings_leave_out_is_refused(tokens):
    assert tokens(algorithms=("ES256",)).verify(token("RS256", "r")) is None
    assert tokens(algorithms=("ES256",)).verify(token("ES256", "e")) is not None


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(position=st.integers(0), bit=st.integers(0, 7))
def test_any_flipped_bit_is_refused(tokens, position, bit):
    good = token("EdDSA", "d")
    position %= len(good)
    bad = bytearray(good)
    bad[position] ^= 1 << bit
    # The last letter of a part can have bits that mean nothing: then it is the same token, written otherwise.
    assert tokens().verify(bytes(bad)) is None or meaning(bytes(bad)) == meaning(good)


def meaning(text):
    return [base64.urlsafe_b64decode(each + b"=" * (-len(each) % 4)) for each in text.split(b".")]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.binary(max_size=300))
def test_any_bytes_are_just_no_token(tokens, text):
    assert tokens().verify(text) is None


KEYS = [VerificationKey("a", "RS256", 1), VerificationKey("b", "RS256", 2), VerificationKey("c", "ES256", 3)]
NAMELESS = [VerificationKey(None, "EdDSA", 4)]


@pytest.mark.parametrize(
    ("keys", "kid", "algorithm", "expected"),
    [
        (KEYS, "a", "RS256", "a"),
        (KEYS, "c", "RS256", None),
        (KEYS, "x", "RS256", None),
        (KEYS, None, "RS256", None),
        (KEYS, None, "ES256", "c"),
        (KEYS, ["a"], "RS256", None),
        (NAMELESS, None, "EdDSA", None),
        (NAMELESS, "x", "EdDSA", None),
        (NAMELESS, "x", "RS256", "no key"),
        (NAMELESS * 2, "x", "EdDSA", "no key"),
        ([*KEYS, VerificationKey(None, "RS256", 5)], "a", "RS256", "a"),
    ],
)
def test_the_choice_of_a_key(keys, kid, algorithm, expected):
    key = choose(keys, kid, algorithm)
    if keys[0] is NAMELESS[0]:
        assert (key is None) == (expected == "no key")
    else:
        assert (key and key.id) == expected


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (b"", "neither"),
        (b"{", "neither"),
        (b'{"keys": 1}', "neither"),
        (b'{"keys":' + b"[" * 100_000, "neither"),
        (b" " * ((1 << 20) + 1), "larger"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "not a PEM"),
        ([], "has no key"),
        ([jwk("RS256", "a", use="enc")], "has no key"),
        ([jwk("RS256", "a", alg="RS512")], "has no key"),
        ([jwk("RS256", "a", key_ops=["encrypt"])], "has no key"),
        ([{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}], "has no key"),
        ([{"kty": "RSA"}], "not valid"),
        ([{"kty": "OKP", "crv": "Ed25519", "x": "AA"}], "not valid"),
        ([jwk("RS256") | {"kid": 7}], "not valid"),
        ([{"kty": "oct", "k": "c2VjcmV0"}], "secret key"),
        ([jwk("RS256", "a", private=True)], "secret key"),
        ([jwk("RS256", "a"), jwk("ES256", "a")], "same kid"),
    ],
)
def test_a_bad_file_is_refused_at_the_start(tokens, keys, message):
    with pytest.raises(ConfigError, match=message):
        tokens(keys)


def test_a_private_pem_is_refused(tokens):
    with pytest.raises(ConfigError, match="not a PEM public key"):
        tokens(RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_a_short_rsa_key_is_refused(tokens):
    short = rsa.generate_private_key(65537, 1024).public_key()
    with pytest.raises(ConfigError, match="2048"):
        tokens([RSAAlgorithm.to_jwk(short, as_dict=True)])


def test_keys_for_other_purposes_do_not_disturb(tokens):
    mixed = [*ALL, jwk("RS256", "enc", use="enc"), {"kty": "unheard-of"}]
    assert tokens(mixed).verify(token()) is not None


def test_no_file(tmp_path):
    with pytest.raises(ConfigError, match="keys_file"):
        Tokens(Jwt(issuer="https://idp"))
    with pytest.raises(ConfigError, match="cannot be read"):
        Tokens(Jwt(issuer="https://idp", keys_file=tmp_path / "none"))


def test_a_changed_file_is_taken_up(tokens, tmp_path):
    verifier = tokens()
    good = token()
    before = verifier.fingerprint(good)
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [jwk("ES256", "e")]}))
    assert verifier.fingerprint(good) != before
    assert verifier.verify(good) is None
    assert verifier.verify(token("ES256", "e")) is not None


def test_a_file_that_goes_bad_trusts_no_key_until_it_is_mended(tokens, tmp_path):
    verifier = tokens()
    file = tmp_path / "keys.json"
    content = file.read_bytes()
    file.write_bytes(content[:100])
    for _ in range(2):
        with pytest.raises(Unavailable, match="keys_file"):
            verifier.verify(token())
    file.unlink()
    with pytest.raises(Unavailable, match="keys_file"):
        verifier.verify(token())
    file.write_bytes(content)
    assert verifier.verify(token()) is not None
