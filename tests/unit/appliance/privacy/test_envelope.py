import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import PrivacyUnavailable
from appliance.privacy.envelope import Box, Envelope

KEY = b"the privacy key, of 32 bytes...."
PLACE = (b"conversation", b"placeholder")

tenants = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)


def box(tenant: str = "isp", subject: str = "jane", key: bytes = KEY) -> Box:
    envelope = Envelope(key, tenant)
    name = envelope.name("subject", subject)
    return envelope.open(name, envelope.new_key(name))


@given(st.binary(max_size=300), st.binary(max_size=40), st.binary(max_size=40))
def test_what_was_put_in_comes_out(clear, conversation, placeholder):
    of = box()
    sealed = of.seal(clear, conversation, placeholder)
    assert of.open(sealed, conversation, placeholder) == clear
    assert len(sealed) == len(clear) + 28


@given(tenants, tenants, st.text(max_size=20))
def test_no_tenant_opens_what_another_made(one, other, subject):
    names = [Envelope(KEY, tenant).name("subject", subject) for tenant in (one, other)]
    wrapped = Envelope(KEY, one).new_key(names[0])
    if one == other:
        Envelope(KEY, other).open(names[1], wrapped)
        return
    assert names[0] != names[1]
    for name in names:
        with pytest.raises(PrivacyUnavailable):
            Envelope(KEY, other).open(name, wrapped)


def test_each_key_and_each_sealing_is_new():
    envelope = Envelope(KEY, "isp")
    name = envelope.name("subject", "jane")
    assert len({envelope.new_key(name) for _ in range(100)}) == 100
    of = box()
    assert len({of.seal(b"x", *PLACE)[:12] for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "other",
    [box(), box(subject="john"), box(tenant="other"), box(key=b"another key, also of 32 bytes...")],
    ids=["a new key", "another subject", "another tenant", "another installation"],
)
def test_it_opens_under_its_own_key_only(other):
    sealed = box().seal(b"Jane Roe", *PLACE)
    with pytest.raises(PrivacyUnavailable):
        other.open(sealed, *PLACE)


@pytest.mark.parametrize(
    "place", [(), PLACE[:1], PLACE[::-1], (b"conversationplaceholder",), (b"conversation", b"place", b"holder")]
)
def test_it_opens_in_its_own_place_only(place):
    of = box()
    sealed = of.seal(b"Jane Roe", *PLACE)
    with pytest.raises(PrivacyUnavailable):
        of.open(sealed, *place)


@given(st.integers(0, 35), st.integers(1, 255))
def test_a_changed_byte_shows(at, change):
    of = box()
    sealed = bytearray(of.seal(b"Jane Roe", *PLACE))
    sealed[at] ^= change
    with pytest.raises(PrivacyUnavailable):
        of.open(bytes(sealed), *PLACE)


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(12), bytes(27), bytes(28)])
def test_what_is_too_short_does_not_open(sealed):
    with pytest.raises(PrivacyUnavailable):
        box().open(sealed, *PLACE)


def test_names_are_told_apart_by_their_parts():
    envelope = Envelope(KEY, "isp")
    parts = [("a", "bc"), ("ab", "c"), ("abc",), ("a", "b", "c"), ()]
    assert len({envelope.name(*each) for each in parts}) == len(parts)
