"""A ruler whose tokens are words and signs."""

import re


class Words:
    limit = 120

    def tokens(self, text: str) -> list[int]:
        return [match.start() for match in re.finditer(r"\w+|[^\w\s]", text)]
