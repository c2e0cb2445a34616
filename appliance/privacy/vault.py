"""The vault of one request: what was personal in it, and what stands there instead.

It is a local variable of the request and rebuilt from each request's own messages, so no conversation can restore
what belongs to another. What may be restored is what the caller's own messages hold, and what is kept of earlier ones
where the settings keep any.
"""

import hmac
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import msgspec

from appliance.errors import InvalidRequest, PrivacyRefused, PrivacyUnavailable, RingfenceError
from appliance.privacy.answers.answer import StreamRestorer, restored
from appliance.privacy.answers.editors import new_editor
from appliance.privacy.answers.leaks import Leaks
from appliance.privacy.answers.supplied import Supplied
from appliance.privacy.answers.told import Told
from appliance.privacy.fields import Origin, rewrite
from appliance.privacy.placeholder import LITERAL, Placeholders, Reach, Secret
from appliance.privacy.policy import Policy
from appliance.privacy.record import RECORD
from appliance.privacy.scanning.memory import Memory, digest_of
from appliance.privacy.scanning.strays import Strays, strays, with_strays
from appliance.privacy.scrubbed import Scrubbed, seal
from appliance.privacy.span import Span

Find = Callable[[str], Sequence[Span]]

REACH: Mapping[Origin, Reach] = MappingProxyType(
    {
        "user": Reach.ANYWHERE,
        "assistant": Reach.ANYWHERE,
        "tool": Reach.ANYWHERE,
        "name": Reach.ANYWHERE,
        "definition": Reach.CALLS,
        "function": Reach.CALLS,
        "system": Reach.NOWHERE,
        "other": Reach.NOWHERE,
    }
)
_LOOKALIKE = re.compile(r"<?(?<!\w)[A-Z][A-Z0-9_]{1,48}_([0-9A-F]{6,16})(?!\w)>?")


class Vault:
    """`scope` names what `find` depends on: its patterns, its terms. Under another scope nothing is remembered."""

    def __init__(self, key: bytes, find: Find, policy: Policy, memory: Memory, scope: bytes = b"") -> None:
        self._find = find
        self._policy = policy
        self._memory = memory
        self._memory_key = hmac.digest(key, b"memory", sha256)
        self._scope = scope
        self._spans: dict[str, tuple[Span, ...]] = {}
        self._spellings: dict[str, str] = {}
        self._of_earlier: dict[str, str] = {}
        self._stands_for: dict[tuple[str, str, Origin], str] = {}
        self.placeholders = Placeholders(hmac.digest(key, b"placeholder", sha256))
        self.leaks = None if policy.answers == "keep" else Leaks(self._searched, policy, self.placeholders, Supplied())
        """Of answers that are searched."""
        self.told = Told(self.placeholders, editors=[partial(new_editor, self.leaks)] if self.leaks else [])

    def seal(self, task: str, body: bytes) -> Scrubbed:
        """The body of a request as an engine may have it."""
        mode = self._policy.mode_for(task)
        if mode == "pass" and self.leaks is None:
            return seal(body, for_cloud=False)
        held = _decode(body)
        if self.leaks:
            self.leaks.supplied.read(held)
        self.told.in_json = _asks_for_json(held)
        if mode == "pass":
            return seal(body, for_cloud=False)
        if task == "detokenize":
            raise PrivacyRefused("Tokens cannot be scrubbed. Ask your operator for an engine whose policy is `pass`.")
        clear: list[str] = []
        scrubbed = rewrite(
            task,
            held,
            lambda text, origin, label: self._replaced(text, self.spans(text, label), origin, clear),
        )
        if mode == "refuse" and self._spellings:
            raise PrivacyRefused("The request holds personal data, and the policy lets none out. Remove it.")
        known = self._strays(clear)
        if known:
            scrubbed = rewrite(
                task,
                held,
                lambda text, origin, label: self._replaced(
                    text, with_strays(text, self.spans(text, label), known), origin, []
                ),
            )
        return seal(msgspec.json.encode(scrubbed), for_cloud=self._policy.for_cloud)

    def unseen(self, task: str, body: bytes) -> list[str]:
        """The texts that `seal` would have to search. Who can search elsewhere, off the event loop, tells `note`."""
        texts: dict[str, None] = {}

        def visit(text: str, _: Origin, label: str) -> str:
            told = (_told(text, label), text) if _may_be_a_line(text) else (_told(text, label),)
            texts.update(dict.fromkeys(each for each in told if self._remembered(each) is None))
            return text

        if self._policy.mode_for(task) != "pass" and task != "detokenize":
            rewrite(task, _decode(body), visit)
        return list(texts)

    def note(self, told: str, spans: Sequence[Span]) -> None:
        self._spans[told] = _checked(told, spans)
        self._memory.put(digest_of(self._memory_key, self._scope, told), self._spans[told])

    def scrub(self, text: str, origin: Origin = "other") -> str:
        """One text: a passage, the result of a tool."""
        if self._policy.mode == "pass":
            return text
        clear: list[str] = []
        spans = self.spans(text)
        scrubbed = self._replaced(text, spans, origin, clear)
        known = self._strays(clear)
        if not known:
            return scrubbed
        return self._replaced(text, with_strays(text, spans, known), origin, [])

    @property
    def counts(self) -> Counter[str]:
        """How many values of each type stayed; types and numbers only, for the ledger."""
        return Counter(secret.kind for secret in self.placeholders.values() if secret.sent and secret.kind != LITERAL)

    def recall(self, secrets: Iterable[Secret]) -> None:
        """What earlier requests of the conversation held: it may come back, and is masked where it stands again."""
        for secret in secrets:
            self.placeholders.recall(secret)
            self._of_earlier[secret.value] = secret.kind
            if self.leaks and secret.reach is Reach.ANYWHERE:
                self.leaks.supplied.add([secret.value])

    @property
    def unkept(self) -> list[Secret]:
        """What a later request may need and nobody has stored."""
        return [
            secret
            for secret in self.placeholders.values()
            if not secret.kept and secret.kind != LITERAL and secret.reach > Reach.NOWHERE
        ]

    def stream(self, choices: int = 1) -> StreamRestorer:
        """For the events of so many answers."""
        return StreamRestorer(self.told, choices)

    def restore(self, answer: bytes) -> bytes:
        """A whole answer."""
        return restored(self.told, answer)

    def spans(self, text: str, label: str = "") -> tuple[Span, ...]:
        """What is personal in a text that stands under the name `label`."""
        told = _told(text, label)
        spans = self._remembered(told)
        if spans is None:
            self.note(told, self._found(told))
            spans = self._spans[told]
        within = _within(spans, len(told) - len(text))
        if within or not label or not _may_be_a_line(text):
            return within
        # Some forms of lines are only known where they begin, which the name took away.
        return self.spans(text)

    def _searched(self, text: str, label: str = "") -> tuple[Span, ...]:
        """The same, of an answer: a part of one is not met again."""
        told = _told(text, label)
        return _within(_checked(told, self._found(told)), len(told) - len(text))

    def _strays(self, clear: Sequence[str]) -> Strays:
        return strays({**self._of_earlier, **self._spellings}, clear)

    def _remembered(self, told: str) -> tuple[Span, ...] | None:
        spans = self._spans.get(told)
        if spans is None:
            spans = self._memory.get(digest_of(self._memory_key, self._scope, told))
            if spans is not None:
                self._spans[told] = spans
        return spans

    def _found(self, text: str) -> Sequence[Span]:
        try:
            return self._find(text)
        except RingfenceError:
            raise
        except Exception:
            # Not chained: what a detector says of its failure may quote the text.
            raise PrivacyUnavailable("What is personal in the text could not be found out. Try again.") from None

    def _replaced(self, text: str, spans: Sequence[Span], origin: Origin, clear: list[str]) -> str:
        """The text as it leaves; what of it leaves as it was is added to `clear`."""
        parts = []
        at = 0
        for span in spans:
            if span.start > at:
                clear.append(text[at : span.start])
                parts.append(self._escaped(clear[-1], origin))
            value = text[span.start : span.end]
            parts.append(self._sent(span.type, value, origin))
            if span.recognizer == RECORD and value in self._spellings:
                # Who knows the record may read it, whoever wrote it here.
                self.placeholders.issue(span.type, value, Reach.ANYWHERE)
            at = span.end
        clear.append(text[at:])
        parts.append(self._escaped(clear[-1], origin))
        return "".join(parts)

    def _sent(self, kind: str, value: str, origin: Origin) -> str:
        """What stands for a value in what leaves."""
        sent = self._stands_for.get((kind, value, origin))
        if sent is None:
            sent = self._stands_for[kind, value, origin] = self._stand_in(kind, value, origin)
        return sent

    def _stand_in(self, kind: str, value: str, origin: Origin) -> str:
        if self._policy.action(kind) == "keep":
            return value
        # Also what is dropped or generalised is known by its value: it may stand elsewhere in the request.
        self._spellings[value] = kind
        placeholder = self.placeholders.issue(kind, value, REACH[origin]).placeholder
        instead = self._policy.instead(kind, value)
        if instead is not None:
            return instead
        # A name may have letters, digits and `_` only.
        return placeholder[1:-1] if origin in ("name", "function") else placeholder

    def _escaped(self, text: str, origin: Origin) -> str:
        """A text that merely looks like a placeholder gets one of its own, so that it comes back as it is."""
        if "_" not in text:
            return text

        def escape(found: re.Match[str]) -> str:
            # In an answer of before it is what was not restored then, and the engine's own words.
            if origin == "assistant" and self.placeholders.get(found[1]) is not None:
                return found[0]
            return self.placeholders.issue(LITERAL, found[0], REACH[origin]).placeholder

        return _LOOKALIKE.sub(escape, text)


def _told(text: str, label: str) -> str:
    """A text as a detector is to read it: the name that it stands under is its context."""
    return f"{label}: {text}" if label else text


def _within(spans: tuple[Span, ...], shift: int) -> tuple[Span, ...]:
    """Places in a text of which the first letters are gone."""
    if not shift:
        return spans
    return tuple(
        msgspec.structs.replace(span, start=max(span.start - shift, 0), end=span.end - shift)
        for span in spans
        if span.end > shift
    )


def _may_be_a_line(text: str) -> bool:
    """Of a configuration or a log: it has words, and no sentence begins so."""
    return " " in text and not (text[0].isupper() or text[0].isdigit())


def _decode(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest("The body is not valid JSON. Send one JSON object.", code="invalid_json") from error


def _asks_for_json(body: dict[str, Any]) -> bool:
    form = body.get("response_format")
    return (isinstance(form, dict) and form.get("type") in ("json_object", "json_schema")) or "guided_json" in body


def _checked(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    at = 0
    for span in spans:
        if not at <= span.start < span.end <= len(text):
            raise PrivacyUnavailable(f"{span.recognizer} gave a place that does not exist. Tell its author.")
        at = span.end
    return tuple(spans)
