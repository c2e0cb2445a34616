import pytest

from appliance.errors import ModelError
from models.store.names import check_digest, check_name, check_paths, path_fault


@pytest.mark.parametrize("name", ["llama-3.1-8b", "a", "0", "x" * 96])
def test_names(name: str):
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "A", "a/b", "a b", "-a", "a.", ".store", "x" * 97, "ä", "a\n"])
def test_names_that_are_none(name: str):
    with pytest.raises(ModelError, match="is no name"):
        check_name(name)


@pytest.mark.parametrize("path", ["config.json", "1_Pooling/config.json", "a.b/c-d_e f.txt", "café.json", ".hidden"])
def test_paths(path: str):
    assert path_fault(path) == ""


@pytest.mark.parametrize("digest", ["", "a" * 63, "A" * 64, "a" * 65, "g" * 64])
def test_digests_that_are_none(digest: str):
    with pytest.raises(ModelError, match="is no SHA-256"):
        check_digest(digest)


def test_what_collides_is_named():
    with pytest.raises(ModelError, match=r"m: the path 'A/B' is 'a/b' on some file systems"):
        check_paths(["a/b", "A/B"], "m")
    with pytest.raises(ModelError, match="'a/b/c' lies in what is itself a file"):
        check_paths(["a/b/c", "a/b"], "m")
    check_paths(["a/b", "a/c", "ab"], "m")
