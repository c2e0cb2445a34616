"""How records are printed: a table for people, JSON for programs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click
import msgspec
from msgspec import Struct

GAP = "  "


def show(records: Sequence[Struct], columns: Sequence[str], as_json: bool) -> None:
    if as_json:
        show_json(records)
        return
    rows = [[_text(getattr(record, column)) for column in columns] for record in records]
    for line in table([[column.upper().replace("_", " ") for column in columns], *rows]):
        click.echo(line)


def show_json(value: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def table(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _text(value: Any) -> str:
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case list() | tuple():
            return ",".join(map(str, value)) or "-"
    return str(value)
