"""Every way in which an engine may say again what it was told, and every type of value."""

from collections.abc import Iterator, Sequence

from tests.acceptance.recorder.case import COMPLETIONS, Case, chat
from tests.acceptance.recorder.upstream import CLOUD, SPELLINGS
from tests.acceptance.recorder.values import KINDS, Mint

# Letters that JSON must escape, in a value and around it.
TEXT = 'She said: "mail {} or\n\t{}", \\ password: {} done'
KINDS_SPELT = ("mail", "German IBAN", "password")
CLOUDY = ("mail", "phone", "password", "IPv4", "JWT", "account id", "MAC", "address")
# Names are told by a list of them; see `terms`.
NAMES = {"person"}


def types(mint: Mint, stream: bool) -> Iterator[Case]:
    """Each type of value, with the words around it, in the words of the user."""
    for name in KINDS:
        if name in NAMES:
            continue
        value, said = mint.said(name)
        text = f"Please note.\n{said}\nThanks."
        session, subject = mint("mail"), mint("mail")
        yield Case(
            name=f"{name}, stream={stream}",
            body=chat("letters" if stream else "plain", text, stream=stream),
            secrets=(value, session, subject),
            says=(text,),
            # So that it is kept for the next request, too.
            headers={"x-session-id": session, "x-subject-id": subject},
        )


def cloud(mint: Mint, stream: bool) -> Iterator[Case]:
    """For an engine in a cloud, whatever the tenant lets its own engines see."""
    for kind in CLOUDY:
        value, said = mint.said(kind)
        yield Case(
            name=f"{kind}, stream={stream}", body=chat(CLOUD, said, stream=stream), secrets=(value,), says=(said,)
        )


def terms(names: Sequence[str], stream: bool) -> Iterator[Case]:
    """Names of people that the settings know."""
    for name in names:
        for spelt in (name, name.upper()):
            text = f"I am {spelt}. {spelt}'s router is dead; see 'Re: {spelt}', \"{spelt}\" and ({spelt})."
            body = chat("letters", text, stream=stream)
            yield Case(name=f"{spelt}, stream={stream}", body=body, secrets=(spelt,), says=(text,))


def cases(mint: Mint, stream: bool) -> Iterator[Case]:
    def told(model: str) -> tuple[str, tuple[str, ...], str]:
        values = tuple(mint(kind) for kind in KINDS_SPELT)
        return TEXT.format(*values), values, f"{model}, stream={stream}"

    for model in ("plain", "letters", *SPELLINGS):
        for body_of in (_chat, _completion):
            text, values, name = told(model)
            body, path = body_of(model, text, stream)
            yield Case(name=f"{name}, {path}", path=path, body=body, secrets=values, says=(text,))
    text, values, name = told("cuts")
    length = len(text)
    body = chat("cuts", text, stream=stream, n=min(length, 128))
    yield Case(name=name, body=body, secrets=values, says=(text,) * min(length, 128))
    text, values, name = told("several")
    body = chat("several", text, stream=stream, n=3)
    yield Case(name=name, body=body, secrets=values, says=(text,) * 3)
    text, values, name = told("logprobs")
    body = chat("logprobs", text, stream=stream, logprobs=True, top_logprobs=2)
    yield Case(name=name, body=body, secrets=values, says=(text,))
    text, values, name = told("thinks")
    yield Case(name=name, body=chat("thinks", text, stream=stream), secrets=values, says=(text,), thinks=text)
    text, values, name = told("calls")
    done = {"value": text, "list": [text, {"deep": text}]}
    yield Case(name=name, body=chat("calls", text, stream=stream), secrets=values, does=(done, done))
    text, values, name = told("several prompts")
    other, more, _ = told("several prompts")
    body = {"model": "letters", "prompt": [text, other], "stream": stream}
    yield Case(name=name, path=COMPLETIONS, body=body, secrets=values + more, says=(text, other))


def _chat(model: str, text: str, stream: bool) -> tuple[dict[str, object], str]:
    return chat(model, text, stream=stream), "/v1/chat/completions"


def _completion(model: str, text: str, stream: bool) -> tuple[dict[str, object], str]:
    return {"model": model, "prompt": text, "stream": stream}, COMPLETIONS
