import stat
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from appliance.errors import ConfigError
from appliance.keyring import make_keyring, obtain, open_keyring, read
from appliance.settings import Audit, Identity, Paths, Settings


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path):
    settings = Settings(paths=Paths(var=tmp_path / "var"))
    with pytest.raises(ConfigError, match="ringfence init"):
        open_keyring(settings)
    first = make_keyring(settings)
    assert open_keyring(settings) == first
    assert len(first.pepper) >= 32
    assert first.pepper != first.audit
    for name in ("identity.pepper", "audit.key"):
        assert stat.S_IMODE((tmp_path / "var" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
    assert sorted(file.name for file in (tmp_path / "var").iterdir()) == ["audit.key", "identity.pepper"]


def test_settings_come_before_files(tmp_path):
    settings = Settings(
        paths=Paths(var=tmp_path / "var"), identity=Identity(pepper="p" * 32), audit=Audit(key="a" * 32)
    )
    assert open_keyring(settings).pepper == b"p" * 32
    assert not (tmp_path / "var").exists()


def test_of_many_at_once_all_get_the_same_secret(tmp_path):
    numbers = count()
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda _: obtain(tmp_path / "x", lambda: str(next(numbers))), range(64)))
    assert set(got) == {(tmp_path / "x").read_text().strip()}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_can_reach_is_refused(tmp_path, mode):
    file = tmp_path / "identity.pepper"
    file.write_text("p" * 64)
    file.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        read(file)


@pytest.mark.parametrize(("content", "message"), [(b"", "empty"), (b"\xff\xfe", "cannot be read")])
def test_a_file_without_a_secret_is_refused(tmp_path, content, message):
    file = tmp_path / "identity.pepper"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigError, match=message):
        read(file)


def test_a_short_secret_is_refused(tmp_path):
    settings = Settings(paths=Paths(var=tmp_path), identity=Identity(pepper="short"))
    with pytest.raises(ConfigError, match="openssl rand") as caught:
        open_keyring(settings)
    assert "short." not in caught.value.message


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be"):
        obtain(tmp_path / "file" / "x", lambda: "secret")
