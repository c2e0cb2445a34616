"""Ed25519: who made a bundle, and that nobody changed it since."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from appliance.errors import InvalidRequest, ModelError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PURPOSE = b"ringfence bundle manifest 1\0"
"""A signature over something else that begins as a manifest does is none over a manifest."""
KEY_SIZE, SIGNATURE_SIZE = 32, 64
SIZE = KEY_SIZE + SIGNATURE_SIZE
LARGEST_FILE = 4096
OTHERS = 0o077


class PublicKey(Struct, frozen=True):
    raw: bytes

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()[:32]


def make_key(file: Path) -> PublicKey:
    """Writes a private key, and beside it, with `.pub` added, the public one."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
        beside = file.with_name(file.name + ".pub")
        beside.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except FileExistsError as error:
        raise InvalidRequest(f"{file} is there already, and a key is never written over. Name another file.") from error
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be written: {error.strerror}. Name another file.") from error
    return PublicKey(public.public_bytes_raw())


def sign(data: bytes, key: Path) -> bytes:
    """The public key and the signature."""
    private = _read_private(key)
    return private.public_key().public_bytes_raw() + private.sign(PURPOSE + data)


def signer(signed: bytes, data: bytes) -> PublicKey:
    """Whose signature it is; that it is one of those who are trusted is for `check_trusted`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = signed[:KEY_SIZE]
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed[KEY_SIZE:], PURPOSE + data)
    except (InvalidSignature, ValueError) as error:
        raise ModelError(
            "The signature is wrong: the manifest was changed after it was signed. It was refused, and nothing was "
            "written; get the bundle again from its maker."
        ) from error
    return PublicKey(key)


def check_trusted(key: PublicKey, trusted: Iterable[PublicKey]) -> None:
    known = list(trusted)
    if not known:
        raise ModelError(
            "No key is trusted, so no bundle is. Name the public key of whoever makes your bundles with --key or in "
            "bundles.keys."
        )
    if key not in known:
        raise ModelError(
            f"The bundle is signed with the key {key.fingerprint}, which is not trusted. It was refused, and nothing "
            "was written; if it is the right one, name it with --key or in bundles.keys."
        )


def read_public(file: Path) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(file))
    except ValueError as error:
        raise InvalidRequest(
            f"{file} is no public key in PEM. Name the `.pub` file of `ringfence bundle key`."
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidRequest(f"{file} is no Ed25519 key. Name the `.pub` file of `ringfence bundle key`.")
    return PublicKey(key.public_bytes_raw())


def _read_private(file: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        if file.stat().st_mode & OTHERS:
            raise InvalidRequest(f"{file} can be read by others. Run `chmod 600 {file}`.")
        key = load_pem_private_key(_read(file), password=None)
    except FileNotFoundError as error:
        raise InvalidRequest(f"{file} is not there. Make a key: `ringfence bundle key {file}`.") from error
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"{file} is no private key in PEM. Make one: `ringfence bundle key FILE`.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidRequest(f"{file} is no Ed25519 key. Make one: `ringfence bundle key FILE`.")
    return key


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_FILE)
    except OSError as error:
        raise InvalidRequest(f"{file} cannot be read: {error.strerror}. Name another file.") from error
