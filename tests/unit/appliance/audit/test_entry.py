import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.audit.entry import DETAILS, Entry, code, digest, encode, is_plain

KEY = b"k" * 32
AT = 1_790_000_000_000_000
CODES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-", max_size=128)
TEXT_FIELDS = ("action", "request_id", "user", "key", "model", "engine", "code")


def stored(entry: Entry) -> dict[str, object]:
    line = encode(entry, AT, KEY)
    assert is_plain(line)
    decoded: dict[str, object] = json.loads(line)
    return decoded


def test_an_entry_is_stored_as_it_is():
    entry = Entry(
        action="chat",
        request_id="req_7f",
        user="usr_1",
        key="key_1",
        model="meta-llama/Llama-3.1-8B-Instruct",
        engine="vllm-a",
        status=200,
        code="ok",
        streamed=True,
        prompt_tokens=12,
        completion_tokens=34,
        money=56,
        milliseconds=78,
        details={"guard.rule": "hotline", "tools": 2},
    )
    assert stored(entry) == {
        "at": AT,
        "action": "chat",
        "request_id": "req_7f",
        "user": "usr_1",
        "key": "key_1",
        "model": "meta-llama/Llama-3.1-8B-Instruct",
        "engine": "vllm-a",
        "status": 200,
        "code": "ok",
        "streamed": True,
        "prompt_tokens": 12,
        "completion_tokens": 34,
        "money": 56,
        "milliseconds": 78,
        "details": {"guard.rule": "hotline", "tools": 2},
    }


@pytest.mark.parametrize(
    "text",
    [
        "my router is broken",
        "anna.lang@isp.example",
        "line\nbreak",
        'quo"te',
        "back\\slash",
        "Müller",
        "{nested}",
        "a,b",
        "x" * 129,
        "\ud800",
        "\0",
    ],
)
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_no_words_get_in_through_a_field(text: str, field: str):
    kept = stored(Entry(**{"action": "chat", field: text}))[field]
    assert kept == digest(text, KEY)
    assert text not in str(kept)


@pytest.mark.parametrize("text", ["call me back", "anna@isp.example", "", "Words", "x" * 33])
def test_no_words_get_in_through_the_name_of_a_detail(text: str):
    assert stored(Entry(action="chat", details={text: 1}))["details"] == {digest(text, KEY): 1}


def test_no_words_get_in_through_a_detail():
    kept = stored(Entry(action="chat", details={"rule": "call me back", "hits": 3}))["details"]
    assert kept == {"rule": digest("call me back", KEY), "hits": 3}


def test_details_are_bounded_and_say_what_was_left_out():
    full = {f"n{i}": i for i in range(DETAILS)}
    assert stored(Entry(action="chat", details=full))["details"] == full
    kept = stored(Entry(action="chat", details={f"n{i}": i for i in range(100)}))["details"]
    assert isinstance(kept, dict)
    assert len(kept) == DETAILS
    assert kept["omitted"] == 100 - (DETAILS - 1)


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=50), st.text(max_size=200))
def test_whatever_is_given_only_codes_are_stored(user: str, model: str, name: str, value: str):
    line = encode(Entry(action="chat", user=user, model=model, details={name: value}), AT, KEY)
    assert is_plain(line)
    kept = json.loads(line)
    assert kept.get("user", "") == code(user, KEY)
    assert kept.get("model", "") == code(model, KEY)


@given(CODES, CODES, st.integers(-(1 << 63), (1 << 63) - 1))
def test_codes_and_counts_are_kept_as_they_are(user: str, value: str, count: int):
    entry = Entry(action="chat", user=user, money=count, details={"value": value, "count": count})
    kept = stored(entry)
    assert (kept["user"], kept.get("money", 0)) == (user, count)
    assert kept["details"] == {"value": value, "count": count}


def test_a_digest_differs_between_tenants_and_not_within_one():
    assert digest("anna", KEY) == digest("anna", KEY)
    assert digest("anna", KEY) != digest("anna", b"l" * 32)
    assert code(digest("anna", KEY), KEY) == digest("anna", KEY)


def test_a_damaged_line_is_not_plain():
    line = encode(Entry(action="chat", user="usr_1"), AT, KEY)
    assert not is_plain(line[:-1])
    assert not is_plain(line + b" ")
    assert not is_plain(line.replace(b"usr_1", b"Anna Lang"))
