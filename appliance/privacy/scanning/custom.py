"""A tenant's own recognizer becomes a pattern; it is tried on its examples before it is used."""

import re
from collections.abc import Iterator, Sequence

from appliance import settings
from appliance.errors import ConfigError
from appliance.privacy.proofs.checksums import checksum
from appliance.privacy.scanning.pattern import Pattern
from appliance.privacy.scanning.scanner import Scanner

LONGEST_REGEX = 1_000
MOST_REPEATS = 256
LONGEST_EXAMPLE = 10_000
SECONDS = 5.0

_TOKENS = re.compile(
    r"\\(?P<reference>[1-9]|g\{|k[<{'])|\\."
    r"|\[\^?\]?(?:\\.|\[:\^?\w{1,10}:\]|[^\]\\])*\]"
    r"|(?P<look>\(\?<?[=!])|(?P<same>\(\?P=)|(?P<atomic>\(\?>)"
    r"|(?P<endless>[*+])|\{(?P<least>[0-9]*)(?P<comma>,?)(?P<most>[0-9]*)\}",
    re.DOTALL,
)


def build(custom: settings.Recognizer) -> Pattern:
    """Raises ConfigError, which names the recognizer and the remedy."""
    if len(custom.regex) > LONGEST_REGEX:
        raise _wrong(custom, f"has a regex of more than {LONGEST_REGEX} characters. Make two recognizers of it.")
    for fault in faults(custom.regex):
        raise _wrong(custom, fault)
    try:
        check = checksum(custom.checksum)
    except ValueError as error:
        raise _wrong(custom, f"has a checksum that does not exist: {error}.") from error
    pattern = Pattern(
        type=custom.type,
        name=f"custom.{custom.name}",
        regex=custom.regex,
        score=custom.score,
        context=tuple(word.casefold() for word in custom.context),
        lifted=max(0.85, custom.score),
        check=check,
        proves=check is not None,
    )
    _try(custom, pattern)
    return pattern


def faults(regex: str) -> Iterator[str]:
    """What takes more than linear time, or has no longest match."""
    for token in _TOKENS.finditer(regex):
        if token["look"]:
            yield "looks ahead or behind. Match what stands around the value too, and put the value in `(?P<v>...)`."
        if token["reference"] or token["same"]:
            yield "refers back to a group. Write out what may repeat."
        if token["atomic"]:
            yield "has an atomic group. Use `(?:...)`."
        if token["endless"] or (token["comma"] and not token["most"]):
            yield f"repeats without end with `{token[0]}`. Give the most: `{{0,40}}`."
        if int(token["most"] or token["least"] or 0) > MOST_REPEATS:
            yield f"repeats more than {MOST_REPEATS} times with `{token[0]}`. Use fewer."


def _try(custom: settings.Recognizer, pattern: Pattern) -> None:
    """With what scans requests."""
    scanner = Scanner([pattern], deadline_seconds=SECONDS)
    scanner.scan("")  # compiles it
    for text in _bounded(custom, custom.matches):
        if not scanner.scan(text):
            raise _wrong(
                custom, f"does not match its example {text!r}. Correct the regex, the checksum or the example."
            )
    for text in _bounded(custom, custom.rejects):
        if found := scanner.scan(text):
            value = text[found[0].start : found[0].end]
            raise _wrong(custom, f"finds {value!r} in {text!r}, which it must reject. Make its regex narrower.")


def _bounded(custom: settings.Recognizer, texts: Sequence[str]) -> Sequence[str]:
    if any(len(text) > LONGEST_EXAMPLE for text in texts):
        raise _wrong(custom, f"has an example of more than {LONGEST_EXAMPLE} characters. Shorten it.")
    return texts


def _wrong(custom: settings.Recognizer, words: str) -> ConfigError:
    return ConfigError(f"The recognizer {custom.name} {words}", param="privacy.recognizers")
