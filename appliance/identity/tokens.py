"""JSON Web Tokens, verified against the keys of one file and against nothing that the token itself brings.

Each key is bound to the one algorithm of its kind, so a token can neither choose `none` nor have a public
key taken for an HMAC secret. PyJWT and its cryptography take 10 MB: they are imported only where tokens are
configured.
"""

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from appliance.errors import ConfigError, Unavailable
from appliance.identity.principal import Subject
from appliance.identity.roles import ROLES
from appliance.settings import Jwt

LONGEST = 8192
LARGEST_FILE = 1 << 20
LEAST_RSA_BITS = 2048
ALGORITHMS = {("RSA", None): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}

log = logging.getLogger(__name__)


class VerificationKey(Struct, frozen=True):
    id: str | None  # the JWK's kid
    algorithm: str
    public: Any


class _Jwks(Struct, frozen=True):
    keys: list[dict[str, Any]]


class Verified(Struct, frozen=True):
    subject: Subject
    expires_at: float


class Tokens:
    def __init__(self, settings: Jwt) -> None:
        import jwt

        if settings.keys_file is None:
            raise ConfigError(
                "identity.jwt.issuer is set, but no keys. Name a JWKS or PEM file in identity.jwt.keys_file."
            )
        self._jwt = jwt
        self._settings = settings
        self._file = settings.keys_file
        self._seen = _state(self._file)
        self._keys: tuple[VerificationKey, ...] | None = read_keys(self._file, settings.algorithms)

    def fingerprint(self, token: bytes) -> bytes:
        """Names what was verified: this token, under the keys as they stand in the file now."""
        self._refresh()
        return repr(self._seen).encode() + hashlib.sha256(token).digest()

    def verify(self, token: bytes) -> Verified | None:
        self._refresh()
        if self._keys is None:
            raise Unavailable("The keys for tokens cannot be read. Try again, or mend identity.jwt.keys_file.")
        if len(token) > LONGEST:
            return None
        try:
            header = self._jwt.get_unverified_header(token)
            key = choose(self._keys, header.get("kid"), header.get("alg"))
            if key is None:
                return None
            claims = self._jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=self._settings.leeway_seconds,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        # A hostile header can be nested too deeply for the JSON parser.
        except (self._jwt.PyJWTError, ValueError, RecursionError):
            return None
        return self._verified(claims)

    def _verified(self, claims: dict[str, Any]) -> Verified | None:
        try:
            subject = msgspec.convert(
                {
                    "tenant": claims.get(self._settings.tenant_claim),
                    "user": claims["sub"],
                    "role": claims.get(self._settings.role_claim),
                },
                Subject,
            )
        except msgspec.ValidationError:
            return None
        if subject.role not in ROLES:
            return None
        return Verified(subject, float(claims["exp"]) + self._settings.leeway_seconds)

    def _refresh(self) -> None:
        """Takes up a changed file. A bad one trusts no key: the last good one may have been withdrawn."""
        state = _state(self._file)
        if state == self._seen:
            return
        self._seen = state
        try:
            self._keys = read_keys(self._file, self._settings.algorithms)
        except ConfigError as error:
            log.error("no token is accepted until this is mended: %s", error.message)
            self._keys = None


def choose(keys: Iterable[VerificationKey], key_id: object, algorithm: object) -> VerificationKey | None:
    """The key that the token names, or the only one there can be; never a guess between two."""
    fitting = [key for key in keys if key.algorithm == algorithm]
    named = [key for key in fitting if key.id is not None and key.id == key_id]
    nameless = [key for key in fitting if key.id is None]
    candidates = named or (nameless if key_id is not None else fitting)
    return candidates[0] if len(candidates) == 1 else None


def read_keys(file: Path, algorithms: Iterable[str]) -> tuple[VerificationKey, ...]:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read: {error.strerror}. Name a readable file in identity.jwt.keys_file."
        ) from error
    if len(content) > LARGEST_FILE:
        raise _bad(file, f"is larger than {LARGEST_FILE} bytes")
    found = [_pem(file, content)] if content.lstrip().startswith(b"-----BEGIN") else _jwks(file, content)
    keys = tuple(key for key in found if key.algorithm in algorithms)
    if any(key.algorithm == "RS256" and key.public.key_size < LEAST_RSA_BITS for key in keys):
        raise _bad(file, f"has an RSA key of less than {LEAST_RSA_BITS} bits")
    names = [key.id for key in keys if key.id is not None]
    if len(names) != len(set(names)):
        raise _bad(file, "gives two keys the same kid")
    if not keys:
        raise _bad(file, "has no key for the algorithms in identity.jwt.algorithms")
    return keys


def _jwks(file: Path, content: bytes) -> list[VerificationKey]:
    try:
        entries = msgspec.json.decode(content, type=_Jwks).keys
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _bad(file, "is neither a JWKS file nor a PEM public key") from error
    return [key for entry in entries if (key := _jwk(file, entry)) is not None]


def _jwk(file: Path, entry: dict[str, Any]) -> VerificationKey | None:
    """None for a key that is there for another purpose, as RFC 7517 has it."""
    import jwt

    if entry.get("kty") == "oct" or "d" in entry:
        raise _bad(file, "holds a secret key, and whoever verifies needs none. Leave public keys only")
    algorithm = ALGORITHMS.get((str(entry.get("kty")), entry.get("crv")))
    if (
        algorithm is None
        or entry.get("alg", algorithm) != algorithm
        or entry.get("use", "sig") != "sig"
        or "verify" not in entry.get("key_ops", ["verify"])
    ):
        return None
    try:
        key_id = msgspec.convert(entry.get("kid"), str | None)
        public = jwt.PyJWK(entry, algorithm).key
    except (jwt.PyJWTError, msgspec.ValidationError, ValueError, TypeError) as error:
        raise _bad(file, f"has a key that is not valid ({type(error).__name__})") from error
    return VerificationKey(key_id, algorithm, public)


def _pem(file: Path, content: bytes) -> VerificationKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        public = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad(file, "is not a PEM public key") from error
    if isinstance(public, rsa.RSAPublicKey):
        return VerificationKey(None, "RS256", public)
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return VerificationKey(None, "ES256", public)
    if isinstance(public, ed25519.Ed25519PublicKey):
        return VerificationKey(None, "EdDSA", public)
    raise _bad(file, "is a key of a kind that is not accepted. Use RSA, P-256 or Ed25519")


def _bad(file: Path, what: str) -> ConfigError:
    return ConfigError(f"{file} {what}. Give identity.jwt.keys_file the issuer's public keys.")


def _state(file: Path) -> tuple[int, int, int] | None:
    """Differs when the file does; none when there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
