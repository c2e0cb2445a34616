"""How a value stands next to its name: in prose, configurations, JSON, YAML, tables and XML.

Loose on purpose where the value begins with a letter or digit: one class of characters costs the prefilter a thousandth
of what a grammar of quotes and brackets does.
"""

import re

_TAIL = (
    r"(?:[ ](?i:of|for|on|des?|du|del|dell[ao']|d[oa]|van|vom|von|for|f[uü]r|der|dla)[ ][A-Za-z0-9' -]{2,30}\b"
    r"|[ ]?\([ -'*-~]{1,40}\))?"
)
"""`serial number of the router`, `account (see your bill)`."""
_TAGS = r"(?:</[A-Za-z:]{1,16}>\s{0,8}(?:<[A-Za-z:]{1,16}>)?)?"
_SOME = r"[ \t\"'`*)(\]\[<>\\:=|#~.-]"
_VERB = (
    r"(?:\b(?i:is|was|ist|war|lautet?n?|est|es|son|jest|to|equals|zijn|reads|says|called|named|heißt|heet)\b"
    r"|[èé][ \t])(?:[ ](?i:the|l[ea]|e?l|il|die"
    r"|de[rn]?|das|o|het)\b)?"
)
_NEXT_LINE = r"(?:\r?\n[ \t\"'`*)(\]\[>\\:=|#~.-]{0,12})?"

LINK = rf"{_TAIL}{_TAGS}{_SOME}{{0,40}}(?:{_VERB}{_SOME}{{0,12}})?{_NEXT_LINE}"
"""Marks, a verb, or nothing but space or a line end."""
SIGN = rf"{_TAIL}{_TAGS}[ \t\"'`*)(\]\[\\.]{{0,40}}(?:[:=|>#~]|{_VERB}){_SOME}{{0,40}}{_NEXT_LINE}"
"""A mark, such as a colon, or a verb."""
COLON = rf"{_TAIL}{_TAGS}[ \t\"'`*)(\]\[\\.]{{0,40}}[:=|>#~]{_SOME}{{0,40}}{_NEXT_LINE}"
"""A mark alone."""
SAYS = rf"{_TAIL}{_TAGS}[ \t\"'`*)(\]\[\\.]{{0,40}}{_VERB}{_SOME}{{0,40}}{_NEXT_LINE}"
"""A verb alone."""
FAR = rf"(?:[ ][A-Za-z'-]{{1,16}}){{1,5}}{SIGN}"
"""A few words, then a sign: `the invoice number in question is`."""
MARK = (
    rf"[\"'`*)\]\\]{{0,3}}{_TAIL}[ \t.]{{0,40}}(?:[:=|]{{1,2}}|[:=]>"
    rf"|>)[ \t]{{0,24}}(?:\r?\n[ \t]{{0,12}})?[\"'`\\]{{0,2}}"
)
"""A mark, where the value may begin with any character,"""
VERB = rf"[\"'`*)]{{0,3}}{_TAIL}[ \t]{{0,4}}{_VERB}[ \t:]{{1,4}}[\"'`]{{0,2}}"
"""or a verb."""
START = r"(?:\b|_)"
PREFIXED = r"(?:\b[A-Za-z0-9]{0,24}|_)"
"""Also as the end of a longer name: `deviceSerialNumber`."""


def named(names: str, value: str, *, link: str = LINK, start: str = START) -> str:
    """The value that follows one of the names. Values of the loose links begin with `\\b`: a word that merely begins
    like a name is none."""
    return rf"{start}(?i:{names}){link}(?P<v>{value})"


def element(names: str, value: str = r"[^<>\n]{1,128}") -> str:
    """What an element of XML holds, by its name, or by the name that stands in the element before it, as in TR-069."""
    attributes = r"(?:[ ][^<>\n]{1,60})?"
    own = rf"<[A-Za-z0-9:_.-]{{0,30}}(?i:{names}){attributes}>"
    before = rf"(?i:{names})</[A-Za-z:]{{1,20}}>\s{{0,16}}<[A-Za-z:]{{1,20}}{attributes}>"
    return rf"(?:{own}|{before})(?P<v>{value})</"


def anyone(words: str) -> str:
    """An alternation of words with commas between, in which a space stands for any joint or none: `serial number`,
    `serialNumber`, `serial_number`."""
    return "|".join(re.split(r",\s+", words.strip())).replace(" ", "[ _.-]{0,2}")
