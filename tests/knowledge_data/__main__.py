"""`python -m tests.knowledge_data` writes the demo's documents and the questions about them anew."""

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from ingest.demo.shelf import FILE
from tests.knowledge_data.generator import documents, questions

HERE = Path(__file__).parent
DOCUMENTS = HERE.parents[1] / "ingest" / "demo" / FILE
QUESTIONS = HERE / "questions.jsonl"


def lines(rows: Iterable[Struct]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def main() -> None:
    for file, made in ((DOCUMENTS, lines(documents())), (QUESTIONS, lines(questions()))):
        file.write_bytes(made)
        print(f"{file}: {made.count(10)} lines, {len(made):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
