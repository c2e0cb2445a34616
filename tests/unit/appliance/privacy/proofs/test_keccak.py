import pytest

from appliance.privacy.proofs.keccak import keccak_256


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_published_values(message, digest):
    assert keccak_256(message).hex() == digest


@pytest.mark.parametrize("length", [134, 135, 136, 137, 272])
def test_the_end_of_a_block_counts(length):
    assert keccak_256(b"a" * length) != keccak_256(b"a" * length + b"\0")
