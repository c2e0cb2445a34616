"""Many people at once, each with values of their own and one that all of them share."""

import re
from collections.abc import Iterator, Sequence

from tests.acceptance.recorder.case import Case, chat
from tests.acceptance.recorder.values import Mint

RECORDS = 5
QUESTIONS = {
    "MikroTik password": "What is your Wi-Fi password?",
    "password": "Wie lautet Ihr Passwort?",
    "account id": "Please tell me your account number.",
    "customer": "Quel est votre numéro de client ?",
    "IMEI": "May I have the IMEI?",
    "birthday": "And your date of birth:",
    "SSID": "What is the SSID of your network?",
    "labelled serial": "The serial number, please?",
}
EACH = ("mail", "phone", "German IBAN", "IPv4", "GitHub token")
TURNS = "I am {0}, call {1}. Pay {2} from {3} with {4}."


def records(mint: Mint, stream: bool) -> Iterator[Case]:
    """What a request itself says of its customer is found in other spellings too, and is never sent on."""
    for number in range(RECORDS):
        name, account = mint("person"), mint("account id")
        first, last = name.split()
        digits = " ".join(re.findall(r"[A-Z]+|[0-9]{1,3}", account))
        text = f"{last.lower()}, {first.lower()} here, account {digits}. {name} is angry."
        body = {
            **chat("letters", text, stream=stream),
            "ringfence": {"record": {"PERSON": [name], "ACCOUNT_ID": [account]}},
        }
        yield Case(
            name=f"record {number}, stream={stream}", body=body, secrets=(name, account, first, last), says=(text,)
        )


def answers(mint: Mint, stream: bool) -> Iterator[Case]:
    """Values that say nothing by themselves, and a lot after the question before them."""
    for kind, question in QUESTIONS.items():
        value = mint(kind)
        messages = [
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": f"Hello. {question}"},
            {"role": "user", "content": value},
        ]
        body = {"model": "letters", "messages": messages, "stream": stream}
        yield Case(name=f"{question}, stream={stream}", body=body, secrets=(value,), says=(value,))


def people(mint: Mint, count: int, shared: str) -> Sequence[Case]:
    """A conversation of two turns each, streamed letter by letter so that all of them are under way together."""
    return [_person(mint, shared) for _ in range(count)]


def _person(mint: Mint, shared: str) -> Case:
    values = tuple(mint(kind) for kind in EACH)
    text = f"{TURNS.format(*values)} And tell {shared}."
    body = chat("letters", text, stream=True)
    before = [{"role": "user", "content": f"I am {values[0]}"}, {"role": "assistant", "content": f"Hello {values[0]}"}]
    said = {**body, "messages": before + body["messages"]}
    return Case(name=values[0], body=said, secrets=values, says=(text,), headers={"x-session-id": f"chat-{values[0]}"})
