import pytest

from appliance.privacy.scrubbed import Scrubbed, seal


def test_nobody_makes_one_by_accident():
    with pytest.raises(TypeError, match=r"Vault\.seal"):
        Scrubbed(b"text")
    with pytest.raises(TypeError):
        Scrubbed(b"text", object())


def test_it_does_not_change_and_does_not_show_what_it_holds():
    scrubbed = seal(b"secret", for_cloud=False)
    with pytest.raises(AttributeError):
        scrubbed.body = b"other"
    assert scrubbed.body == b"secret"
    assert "secret" not in repr(scrubbed)
