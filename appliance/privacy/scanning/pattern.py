"""One recognizer that is a regular expression."""

from collections.abc import Callable

from msgspec import Struct

Check = Callable[[str], bool | None]
"""True: it is one; False: it is none; None: the form alone must do."""


class Pattern(Struct, frozen=True, kw_only=True):
    """All patterns are matched together in one linear pass, so a pattern has no lookaround and no backreference,
    and every quantifier in it is bounded. What it finds is its group `v`, or all of it if it has no such group. A
    branch without the group that the others have matches what looks alike and is none; what it matched is not looked
    at again."""

    type: str
    name: str
    regex: str
    score: float
    """How sure the form alone is."""
    context: tuple[str, ...] = ()
    """Words, in lower case, of which one nearby makes it surer,"""
    lifted: float = 0.85
    """this sure. Where the score alone is below the threshold of the type, it is looked for only near such a word,"""
    proves: bool = False
    """unless its check may prove it without one."""
    check: Check | None = None
    ignore_case: bool = False
    hint: str | None = None
    """A simpler regex, quicker to look for, of which every match that passes the check holds one."""
    words_first: bool = False
    """Where it is looked for only near a word of its context, the words are rarer than its form: they are the hint."""
