from pathlib import Path

import pytest

from appliance.errors import InvalidRequest, ModelError
from models.bundle import make_key, read_public, signature


def test_a_signature_names_its_key(key: Path) -> None:
    signed = signature.sign(b"text", key)
    assert signature.signer(signed, b"text") == read_public(key.with_name("key.pub"))
    with pytest.raises(ModelError, match="signature is wrong"):
        signature.signer(signed, b"text.")


def test_keys_are_for_their_owner_and_never_written_over(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidRequest, match="is there already"):
        make_key(key)


def test_another_file_is_no_key(key: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    (tmp_path / "text").chmod(0o600)
    with pytest.raises(InvalidRequest, match="is no public key"):
        read_public(tmp_path / "text")
    with pytest.raises(InvalidRequest, match="is no private key"):
        signature.sign(b"", tmp_path / "text")
    with pytest.raises(InvalidRequest, match="Make a key"):
        signature.sign(b"", tmp_path / "nothing")
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read_public(tmp_path / "nothing")
    with pytest.raises(InvalidRequest, match="is no private key"):
        (tmp_path / "key.pub").chmod(0o600)
        signature.sign(b"", tmp_path / "key.pub")
