"""What must hold for any text, any chunking and any number of people at once."""

import asyncio
import json
import re
import string
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.privacy.answers.restorer import Restorer
from appliance.privacy.policy import Policy
from appliance.privacy.scanning.memory import Memory
from appliance.privacy.span import Span
from appliance.privacy.vault import Vault

KEY = b"a key of one tenant, 32 bytes...."
OTHER_KEY = b"a key of another tenant, 32 bytes"
# Of these types no two spellings are one value: those would come back in one spelling.
FOUND = re.compile(
    r"(?P<USERNAME>[\w.]+@[\w.]+\w)|(?P<SERIAL_NUMBER>(?:[0-9a-f]{2}:){5}[0-9a-f]{2})|(?P<CIRCUIT_ID>\d{15})"
)

values = st.one_of(
    st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}@[a-z]{2,8}\.(net|lan)", fullmatch=True),
    st.from_regex(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{14}", fullmatch=True),
)
noise = st.text(alphabet=string.ascii_letters + string.digits + "_-<>[](){}&;\\`'\". \n@éß〈", max_size=20)
lookalikes = st.from_regex(r"<?[A-Z]{2,8}_[0-9A-F]{6}>?", fullmatch=True)
texts = st.lists(st.one_of(noise, values, lookalikes), max_size=12).map("".join)


ALTERED = (
    "{0}",
    "{1}",
    "&lt;{0}&gt;",
    "[{0}]",
    "«{0}»",
    "{2}",
    "`{1}`",
    "{3}s",
    "({1})",
    "\\u003c{0}\\u003e",
    "<{0}'s>",
)


def find(text: str) -> list[Span]:
    return [Span(each.start(), each.end(), str(each.lastgroup), 1.0, "test") for each in FOUND.finditer(text)]


def vault(key: bytes = KEY) -> Vault:
    return Vault(key, find, Policy(), Memory(1 << 20))


def asked(*contents: str) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": each} for each in contents]}).encode()


def sent(body: bytes) -> list[str]:
    return [each["content"] for each in json.loads(body)["messages"]]


@given(texts, st.lists(st.integers(0, 400), max_size=30))
@settings(max_examples=300)
def test_scrubbed_and_restored_in_any_pieces_is_the_same(text, cuts):
    of_request = vault()
    scrubbed = of_request.scrub(text, "user")
    places = sorted({0, *(cut for cut in cuts if cut < len(scrubbed)), len(scrubbed)})
    restorer = Restorer(of_request.placeholders)
    pieces = [restorer.feed(scrubbed[start:end]) for start, end in pairwise(places)]
    assert "".join([*pieces, restorer.end()]) == text


@given(st.lists(texts, min_size=1, max_size=4))
def test_no_value_that_was_found_leaves(contents):
    body = vault().seal("chat", asked(*contents)).body.decode()
    for text in contents:
        for span in find(text):
            value = re.escape(text[span.start : span.end])
            assert not re.search(rf"(?<![^\W_]){value}(?![^\W_])", body)


@given(values)
def test_two_tenants_never_share_a_placeholder(value):
    assert vault().scrub(value) != vault(OTHER_KEY).scrub(value)


@given(st.lists(texts, min_size=2, max_size=5))
@settings(max_examples=100)
def test_a_turn_never_changes_what_stood_before_it(contents):
    memory = Memory(1 << 20)
    whole = sent(Vault(KEY, find, Policy(), memory).seal("chat", asked(*contents)).body)
    before = sent(Vault(KEY, find, Policy(), memory).seal("chat", asked(*contents[:-1])).body)
    assert whole[:-1] == before


@given(
    values, st.sampled_from(["{0}", "{1}", "&lt;{0}&gt;", "[{0}]", "「{0}」", "{2}", "`{1}`", "{3}s", "({1})"]), noise
)
def test_an_altered_placeholder_comes_back_in_any_pieces(value, altered, after):
    of_request = vault()
    exact = of_request.scrub(value, "user")
    bare = exact[1:-1]
    text = altered.format(bare, exact, bare.lower(), bare.replace("_", "\\_")) + " " + after
    whole = Restorer(of_request.placeholders).whole(text)
    assert value in whole
    assert bare not in whole
    for cut in range(len(text)):
        restorer = Restorer(of_request.placeholders)
        assert restorer.feed(text[:cut]) + restorer.feed(text[cut:]) + restorer.end() == whole


async def test_two_hundred_requests_never_mix():
    memory = Memory(1 << 20)

    async def one(number: int) -> None:
        mine = f"person.{number}@isp{number}.net"
        of_request = Vault(KEY, find, Policy(), memory)
        body = of_request.seal("chat", asked(f"I am {mine}", f"again {mine}")).body.decode()
        await asyncio.sleep(0)
        assert "@isp" not in body
        placeholder = sent(body.encode())[0].removeprefix("I am ")
        stream = of_request.stream()
        answer = b""
        for letter in f"Dear {placeholder}, hello.":
            chunk = {"choices": [{"index": 0, "delta": {"content": letter}}]}
            answer += stream.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            await asyncio.sleep(0)
        answer += stream.end()
        events = [json.loads(event[6:]) for event in answer.split(b"\n\n") if event]
        assert "".join(event["choices"][0]["delta"]["content"] for event in events) == f"Dear {mine}, hello."

    await asyncio.gather(*(one(number) for number in range(200)))
