import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.body import with_fields

keys = st.text(min_size=1, max_size=8)
values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))
SALT = {"cache_salt": "ours"}


def last_wins(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)
    return found


@given(
    st.dictionaries(keys, values), st.dictionaries(st.sampled_from(["cache_salt", "model", "stream_options"]), values)
)
def test_the_fields_are_set_and_the_rest_is_kept(given_body: dict[str, Any], fields: dict[str, Any]) -> None:
    assert last_wins(with_fields(json.dumps(given_body).encode(), fields)) == {**given_body, **fields}


def test_bytes_stay_as_they_were_sent() -> None:
    body = b'{ "model" : "m", "seed": 1.50 }'
    assert with_fields(body, SALT) == b'{ "model" : "m", "seed": 1.50 ,"cache_salt":"ours"}'
    assert with_fields(body, {}) is body


@pytest.mark.parametrize(
    "body",
    [
        b'{"cache_salt":"theirs"}',
        b'{"cache\\u005fsalt":"theirs"}',
        b'{"cache_salt":"a","cache_salt":"b"}',
        b'{"a":{"cache_salt":"nested"}}',
        b"{}",
        b"{ }\n",
    ],
)
def test_no_spelling_of_a_field_escapes_ours(body: bytes) -> None:
    edited = with_fields(body, SALT)
    assert last_wins(edited)["cache_salt"] == "ours"
    assert msgspec.json.decode(edited)["cache_salt"] == "ours"


@pytest.mark.parametrize("value", [b"1e999", b"9" * 5000, b"0.10", b'"\\ud83d\\ude00"', b"[ 1, 2 ]"])
def test_an_edited_body_keeps_its_other_values_as_they_were_sent(value: bytes) -> None:
    edited = with_fields(b'{"cache_salt":"theirs","other":%b}' % value, SALT)
    assert b'"other":' + value in edited
    assert b"theirs" not in edited
