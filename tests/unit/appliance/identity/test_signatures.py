import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.identity.keys import Mint
from appliance.identity.signatures import SCHEME, Request, compute, parse, sign

KEY = Mint(b"p" * 32).signing()
REQUEST = Request("POST", "/v1/chat/completions?trace=1", b'{"model":"small"}')


def test_what_is_signed_is_what_the_page_says():
    digest = hashlib.sha256(REQUEST.body).hexdigest()
    text = f"POST\n/v1/chat/completions?trace=1\n{digest}\n1767225600\nb1946ac92492d234"
    expected = hmac.new(KEY.encode(), text.encode(), "sha256").hexdigest()
    assert compute(KEY, REQUEST, 1767225600, "b1946ac92492d234") == expected


def test_what_the_client_writes_the_server_reads():
    scheme, _, fields = sign(KEY, REQUEST, now=1767225600.9).partition(" ")
    signature = parse(fields.encode())
    assert scheme == SCHEME
    assert signature.key_id == KEY.split("_")[1]
    assert signature.timestamp == 1767225600
    assert signature.value == compute(KEY, REQUEST, signature.timestamp, signature.nonce)


def test_each_signature_has_a_nonce_of_its_own():
    assert sign(KEY, REQUEST, now=1) != sign(KEY, REQUEST, now=1)


@pytest.mark.parametrize(
    "other",
    [
        ("GET", REQUEST.path, REQUEST.body),
        ("POST", "/v1/chat/completions", REQUEST.body),
        ("POST", REQUEST.path + "&a=b", REQUEST.body),
        ("POST", REQUEST.path, b'{"model":"large"}'),
        ("POST", REQUEST.path, b""),
    ],
)
def test_a_signature_is_for_one_request_only(other):
    assert compute(KEY, REQUEST, 1, "n" * 16) != compute(KEY, Request(*other), 1, "n" * 16)


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "key=, ts=, nonce=, signature=",
        f"key={'a' * 23}, ts=1, nonce={'n' * 16}, signature={'0' * 64}",
        f"key={'a' * 24}, ts=-1, nonce={'n' * 16}, signature={'0' * 64}",
        f"key={'a' * 24}, ts=1e3, nonce={'n' * 16}, signature={'0' * 64}",
        f"key={'a' * 24}, ts={'9' * 12}, nonce={'n' * 16}, signature={'0' * 64}",
        f"key={'a' * 24}, ts=1, nonce={'n' * 15}, signature={'0' * 64}",
        f"key={'a' * 24}, ts=1, nonce={'n' * 65}, signature={'0' * 64}",
        f"key={'a' * 24}, ts=1, nonce={'n' * 15}\n, signature={'0' * 64}",
        f"key={'a' * 24}, ts=1, nonce={'n' * 16}, signature={'0' * 63}",
        f"key={'a' * 24}, ts=1, nonce={'n' * 16}, signature={'F' * 64}",
        f"key={'a' * 24}, ts=1, nonce={'n' * 16}, signature={'0' * 64}\n",
        f"key={'a' * 24}, ts=1, ts=2, nonce={'n' * 16}, signature={'0' * 64}",
    ],
)
def test_another_form_is_no_signature(fields):
    assert parse(fields.encode()) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_just_no_signature(fields):
    assert parse(fields) is None
