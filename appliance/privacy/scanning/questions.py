"""What a short text answers. `Tulip77` says nothing by itself, and a lot after `What is your Wi-Fi password?`."""

import re
from typing import Any

LONGEST_QUESTION = 120
LONGEST_ANSWER = 64
MOST_WORDS = 4
WHO_ASKS = ("user", "assistant")

_ENDS = " \t\r\n.!?:"
_PLEASE = re.compile(r",\s?\w{1,12}\Z")
_SENTENCES = re.compile(r"[.!?]\s|\n")


def question(text: str) -> str:
    """The last sentence of a text, as the name under which its answer stands."""
    last = _SENTENCES.split(text.rstrip(_ENDS)[-LONGEST_QUESTION:])[-1].strip()
    return _PLEASE.sub("", last)


def is_answer(text: str) -> bool:
    return len(text) <= LONGEST_ANSWER and "\n" not in text.strip() and len(text.split()) <= MOST_WORDS


def asked_in(message: Any) -> str:
    """The last sentence of a message in a conversation; what instructs the engine asks nobody."""
    if not isinstance(message, dict) or message.get("role") not in WHO_ASKS:
        return ""
    content = message.get("content")
    if isinstance(content, list) and content and isinstance(content[-1], dict):
        content = content[-1].get("text")
    return question(content) if isinstance(content, str) else ""
