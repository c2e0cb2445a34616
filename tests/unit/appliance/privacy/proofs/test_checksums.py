import pytest

from appliance.privacy.proofs.checksums import checksum


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("luhn", "4539 1488 0343 6467", "4539 1488 0343 6466"),
        ("verhoeff", "236-3", "236-4"),
        ("mod97", "AB-12 81", "AB-12 82"),
        ("mod11", "036536", "036537"),
        ("weights 3 7 1 1 mod 10", "1230", "1231"),
        ("weights 3 7 1 1 mod 10", "1230", "12300"),
    ],
)
def test_a_checksum_tells_good_from_bad(name, good, bad):
    check = checksum(name)
    assert check is not None
    assert (check(good), check(bad)) == (True, False)


def test_ten_is_an_x():
    check = checksum("mod11")
    assert check is not None
    assert [digit for digit in "0123456789X" if check(f"60{digit}")] == ["4"]
    assert [digit for digit in "0123456789X" if check(f"04{digit}")] == ["3"]
    assert [digit for digit in "0123456789X" if check(f"06{digit}")] == ["X"]
    assert not check("X4")


def test_none_is_none():
    assert checksum("none") is None


@pytest.mark.parametrize("name", ["crc", "weights 1 mod 10", "weights 1 2 mod 0", "weights", ""])
def test_another_name_is_refused(name):
    with pytest.raises(ValueError, match="luhn"):
        checksum(name)
