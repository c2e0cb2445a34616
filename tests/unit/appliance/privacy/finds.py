"""What a family finds in a text whose values are marked `[[TYPE|value]]`."""

import re
from collections.abc import Sequence

from appliance.privacy.kinds import Kinds
from appliance.privacy.scanning.overlaps import settled
from appliance.privacy.scanning.pattern import Pattern
from appliance.privacy.scanning.scanner import Scanner

MARK = re.compile(r"\[\[([A-Z_]+)\|(.*?)\]\]", re.DOTALL)


class Finder:
    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.scanner = Scanner(patterns, deadline_seconds=60)
        self.kinds = Kinds()

    def find(self, text: str) -> set[tuple[str, str]]:
        sure = [each for each in self.scanner.scan(text) if each.score >= self.kinds.threshold(each.type)]
        spans = settled(text, sure, self.kinds.rank, frozenset())
        return {(each.type, text[each.start : each.end]) for each in spans}


def unmarked(marked: str) -> tuple[str, set[tuple[str, str]]]:
    return MARK.sub(r"\2", marked), set(MARK.findall(marked))
