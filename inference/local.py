"""Where engines that run here answer, and the keys between them and us."""

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes


def socket_path(name: str, var: Path) -> Path:
    """In `var`, or, when that path is too long for a socket, in a folder of this user's own."""
    place = str(var.resolve() / name)
    near = var.resolve() / "run" / f"{hashlib.sha256(name.encode()).hexdigest()[:12]}.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
        return near
    far = Path(tempfile.gettempdir()) / f"ringfence-{os.getuid()}"
    return far / f"{hashlib.sha256(place.encode()).hexdigest()[:24]}.sock"


def secret_file(var: Path) -> Path:
    return var.resolve() / "engine.key"


def engine_key(file: Path, name: str) -> str:
    """The API key between us and one child. The first to ask makes the secret behind it."""
    return hmac.new(_read_or_make(file), name.encode(), "sha256").hexdigest()


def _read_or_make(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        pass
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(32))
    try:
        # A link, not a rename: when two processes come here at once the first one's secret stays.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
    return file.read_bytes()
