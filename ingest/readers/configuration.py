"""Configurations of routers and what their commands print: one block a section, an interface or a command."""

import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from ingest.content import Block, Content, Spot
from ingest.readers.encoding import decode
from ingest.readers.file import Bounds, File, Piece

PROMPT = re.compile(
    r"^(?:\S{0,40}[@:])?([\w.\-/()@:\[\] ]{1,60}?)\s?[#>]\s?"
    r"((?:show|sh|display|ping|traceroute|/\w+)\b.{0,200})$"
)
OPENS = re.compile(
    r"^(?:interface|router|hostname|sysname|vlan|ip (?:route|access-list|vrf|prefix-list|address)|route-map|policy-map|"
    r"class-map|line (?:vty|con)|aaa|snmp-server|ntp server|spanning-tree|crypto|access-list|undo|bgp|ospf|acl|"
    r"set (?:interfaces|system|protocols|policy-options|routing-options|firewall|vlans|security)|"
    r"/(?:interface|ip|ipv6|routing|system|queue|ppp|user|snmp|tool)\b)",
    re.M,
)
STANZA = re.compile(
    r"^(?:system|interfaces|protocols|policy-options|routing-options|firewall|vlans|security|groups) \{$", re.M
)
HOST = re.compile(
    r"^[ \t]{0,40}(?:hostname|sysname|host-name|set system host-name|/system identity set name=|set name=)"
    r"[ \t]{0,40}\"?([\w.-]{1,64})",
    re.M,
)
SEPARATORS = ("!", "#")
ENOUGH = 3
LISTED = re.compile(r"^\S+ is (?:administratively )?(?:up|down)|^Physical interface: |^\S+ current state ?:", re.M)

Line = tuple[int, str]


def looks_like(text: str) -> bool:
    """Several lines that begin as sections do, or the prompt of a device with a command."""
    head = text[:20_000]
    if any(PROMPT.match(line) for line in head.split("\n", 60)[:60]):
        return True
    return len(OPENS.findall(head)) >= ENOUGH or len(STANZA.findall(head)) >= 2


def read(file: File, bounds: Bounds) -> Iterator[Piece]:
    text = decode(file.data)
    lines = list(enumerate(text.split("\n"), 1))
    host = HOST.search(text)
    prompt = next((found for _, line in lines[:200] if (found := PROMPT.match(line))), None)
    title = host[1] if host else prompt[1].strip() if prompt else ""
    yield Content(path=file.path, blocks=tuple(_blocks(lines)), title=title)


def _blocks(lines: list[Line]) -> Iterator[Block]:
    """What each command printed on its own; without commands the whole is one configuration."""
    marks = [place for place, (_, line) in enumerate(lines) if PROMPT.match(line)]
    yield from _sections(lines[: marks[0]] if marks else lines)
    for start, end in pairwise([*marks, len(lines)]):
        number, line = lines[start]
        found = PROMPT.match(line)
        assert found
        yield Block(kind="heading", text=found[2].strip(), spot=Spot(row=number), level=1)
        yield from _sections(lines[start + 1 : end])


def _sections(lines: list[Line]) -> Iterator[Block]:
    text = "\n".join(line for _, line in lines)
    if STANZA.search(text):
        parts = _stanzas(lines)
    elif sum(1 for _, line in lines if line.startswith("set ")) >= ENOUGH:
        parts = _statements(lines)
    elif sum(1 for _, line in lines if re.match(r"/[a-z]", line)) >= 1:
        parts = _slashed(lines)
    elif LISTED.search(text):
        parts = _listed(lines)
    elif OPENS.search(text):
        parts = _indented(lines)
    else:
        parts = iter([lines])
    for part in parts:
        if block := _code(part):
            yield block


def _indented(lines: list[Line]) -> Iterator[list[Line]]:
    """As Cisco, Huawei and Nokia write: a line, and what is indented below it. Single lines stay together."""
    part: list[Line] = []
    deep = False
    for number, line in lines:
        if line.rstrip() in SEPARATORS or not line.strip():
            yield part
            part, deep = [], False
            continue
        indented = line.startswith((" ", "\t"))
        if part and not indented and (deep or _begins(line)):
            yield part
            part, deep = [], False
        deep = deep or indented or (not part and _begins(line))
        part.append((number, line))
    yield part


def _begins(line: str) -> bool:
    return line.startswith(("interface ", "router ", "vlan ", "route-map ", "policy-map ", "class-map ", "line "))


def _stanzas(lines: list[Line]) -> Iterator[list[Line]]:
    """As Juniper writes: braces. A block for each part of a stanza, under the stanza's own name."""
    depth = 0
    opening: list[Line] = []
    part: list[Line] = []
    for number, line in lines:
        bare = line.strip()
        closes = bare.startswith("}")
        depth -= 1 if closes else 0
        if depth == 0 and (bare.endswith("{") or closes):
            yield [*opening, *part] if part else []
            opening, part = ([(number, line)], []) if not closes else ([], [])
        elif bare:
            part.append((number, line))
            if (
                depth == 1
                and (closes or bare.endswith(";"))
                and not (bare.endswith(";") and not closes and _short(part))
            ):
                yield [*opening, *part]
                part = []
        depth += 1 if bare.endswith("{") else 0
    yield [*opening, *part] if part else []


def _short(part: list[Line]) -> bool:
    """Statements of one line stay together."""
    return all(line.strip().endswith(";") for _, line in part) and len(part) < 20


def _statements(lines: list[Line]) -> Iterator[list[Line]]:
    """`set interfaces ge-0/0/0 …`: what begins alike stays together."""

    def family(line: Line) -> tuple[str, ...]:
        words = line[1].split()
        return tuple(words[: 3 if words[1:2] in (["interfaces"], ["vlans"]) else 2])

    for _, group in groupby(lines, family):
        yield list(group)


def _slashed(lines: list[Line]) -> Iterator[list[Line]]:
    """As MikroTik exports: a line with the menu, then what is set in it."""
    part: list[Line] = []
    for number, line in lines:
        if line.startswith("/") and part:
            yield part
            part = []
        part.append((number, line))
    yield part


def _listed(lines: list[Line]) -> Iterator[list[Line]]:
    """One interface after another, each begun by a line that says how it is."""
    part: list[Line] = []
    for number, line in lines:
        if LISTED.match(line) and part:
            yield part
            part = []
        part.append((number, line))
    yield part


def _code(part: list[Line]) -> Block | None:
    filled = [(number, line.rstrip()) for number, line in part]
    while filled and not filled[0][1].strip():
        filled.pop(0)
    while filled and not filled[-1][1].strip():
        filled.pop()
    if not filled:
        return None
    return Block(kind="code", text="\n".join(line for _, line in filled), spot=Spot(row=filled[0][0]))
