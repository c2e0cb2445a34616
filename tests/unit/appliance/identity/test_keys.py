import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.identity.keys import ID_LENGTH, LENGTH, Mint, id_of

MINT = Mint(b"p" * 32)


@pytest.mark.parametrize("make", [MINT.bearer, MINT.signing])
def test_a_key_is_recognised_by_the_mint_that_made_it(make):
    text = make().encode()
    assert len(text) == LENGTH
    assert MINT.made_text(text)
    assert MINT.made(id_of(text))
    assert not Mint(b"q" * 32).made(id_of(text))


def test_no_two_keys_are_alike():
    keys = {MINT.bearer() for _ in range(1000)}
    assert len({key.split("_")[1] for key in keys}) == len({key.split("_")[2] for key in keys}) == 1000


def test_a_signing_key_can_be_computed_again_from_its_id_and_the_pepper_only():
    text = MINT.signing()
    key_id = text.split("_")[1]
    assert MINT.signing_text(key_id) == text
    assert Mint(b"q" * 32).signing_text(key_id) != text


def test_a_digest_depends_on_every_letter_and_on_the_pepper():
    text = MINT.bearer().encode()
    changed = [text[:i] + bytes([text[i] ^ 1]) + text[i + 1 :] for i in range(len(text))]
    digests = {MINT.digest(each) for each in [text, *changed]}
    assert len(digests) == len(text) + 1
    assert Mint(b"q" * 32).digest(text) not in digests


def test_a_changed_id_is_not_one_of_ours():
    key_id = id_of(MINT.bearer().encode())
    for i in range(ID_LENGTH):
        other = b"a" if key_id[i : i + 1] != b"a" else b"b"
        assert not MINT.made(key_id[:i] + other + key_id[i + 1 :])


@given(st.binary(max_size=200))
def test_any_bytes_are_just_no_key_of_ours(text):
    assert not MINT.made(text)
    assert not MINT.made(id_of(text))
    assert not MINT.made_text(text)
