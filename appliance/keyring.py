"""The secrets that stand in files of `paths.var`: made once, readable by their owner alone."""

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from appliance.errors import ConfigError
from appliance.settings import Settings

LEAST_LENGTH = 32
LARGEST_FILE = 4096
OTHERS = 0o077


class Keyring(Struct, frozen=True):
    pepper: bytes
    audit: bytes
    privacy: bytes


def open_keyring(settings: Settings) -> Keyring:
    """The secrets that the settings give; the others from their files."""
    return _keyring(settings, _require)


def make_keyring(settings: Settings) -> Keyring:
    """The same at a first start, when files that are missing are made."""
    return _keyring(settings, lambda file: obtain(file, lambda: secrets.token_hex(32)))


def obtain(file: Path, make: Callable[[], str]) -> str:
    """What the file holds; made first when there is none. Of processes that race, all get the winner's."""
    if not file.exists():
        _create(file, make())
    return read(file)


def read(file: Path) -> str:
    try:
        with file.open() as stream:
            mode = os.fstat(stream.fileno()).st_mode
            held = stream.read(LARGEST_FILE).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read. Let the user that runs Ringfence own it, with mode 0600.") from error
    if mode & OTHERS:
        raise ConfigError(f"{file} can be read by others. Run `chmod 600 {file}`.")
    if not held:
        raise ConfigError(f"{file} is empty. Restore it from a backup.")
    return held


def _keyring(settings: Settings, from_file: Callable[[Path], str]) -> Keyring:
    var = settings.paths.var
    pepper = _checked("identity.pepper", settings.identity.pepper or from_file(var / "identity.pepper"))
    given = settings.privacy.key
    return Keyring(
        pepper=pepper,
        audit=_checked("audit.key", settings.audit.key or from_file(var / "audit.key")),
        privacy=_checked("privacy.key", given) if given else hmac.digest(pepper, b"privacy", "sha256"),
    )


def _require(file: Path) -> str:
    if not file.exists():
        raise ConfigError(f"{file} is missing. Restore it from a backup; for a first start run `ringfence init`.")
    return read(file)


def _checked(name: str, text: str) -> bytes:
    if len(text) < LEAST_LENGTH:
        raise ConfigError(f"{name} is shorter than {LEAST_LENGTH} characters. Make one: `openssl rand -hex 32`.")
    return text.encode()


def _create(file: Path, text: str) -> None:
    """Whole or not at all, and never over an existing one: written beside, then linked to its name."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as stream:
                stream.write(f"{text}\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.link(draft, file)
        finally:
            draft.unlink()
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigError(f"{file} cannot be made: {error.strerror}. Let Ringfence write to {file.parent}.") from error
