"""`ringfence privacy`"""

import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from api.cli import listing
from api.cli.forget import forget
from api.cli.session import Session, json_option, pass_session
from api.private import open_privacy
from api.scan import Document, Scan
from appliance.errors import InvalidRequest, NotFound, TooLarge
from appliance.identity.bootstrap import TENANT
from appliance.keyring import open_keyring
from appliance.privacy.catalogue import entries
from appliance.privacy.choice import check_types, choice_of
from appliance.privacy.explanation import Explanation, explain
from appliance.privacy.finders import presidio_types
from appliance.privacy.policy import PLACES, tenant_policy
from appliance.settings import Settings

LARGEST_TEXT = 64 << 20
STANDARD_INPUT = "-"
LONGEST_CELL = 60
REFRESH_SECONDS = 0.2
TYPES = ("type", "text", "threshold", "action", "cloud")
SPANS = ("type", "score", "recognizer", "action", "text")

tenant_option = click.option("--tenant", default=TENANT, show_default=True, help="Whose policy, allow and deny lists.")


@click.group(commands=[forget])
def privacy() -> None:
    """Show what is found in texts, and what engines see instead."""


@privacy.command()
@click.argument("files", nargs=-1, metavar="[FILES]...")
@click.option("--jsonl", is_flag=True, help="The files hold JSON lines, whatever their names.")
@click.option("--processes", type=click.IntRange(1, 256), help="Processes that scan.  [default: one per core]")
@tenant_option
@pass_session
def scan(session: Session, files: tuple[str, ...], jsonl: bool, processes: int | None, tenant: str) -> None:
    """Find what is personal or secret in many texts, on all cores.

    A file is one text in UTF-8 with its name as id; a file *.jsonl, and standard input (no FILES, or -), holds JSON
    lines {"id": ..., "text": ...}. For each text a JSON line {"id": ..., "spans": [...]} comes out, in the same order;
    places are in characters.
    """
    for file in files:
        if file != STANDARD_INPUT and not Path(file).is_file():
            raise NotFound(f"There is no file {file}. Correct its name; for a folder, name its files.")
    documents = _documents(files or (STANDARD_INPUT,), jsonl)
    order = Scan(settings=session.settings, tenant=tenant, processes=processes or len(os.sched_getaffinity(0)))
    for lines in order.run(_told(documents), lambda text: click.echo(text, err=True)):
        sys.stdout.buffer.write(lines)
    sys.stdout.flush()


@privacy.command("explain")
@tenant_option
@json_option
@pass_session
def explain_text(session: Session, tenant: str, as_json: bool) -> None:
    """Show what is found in the text on standard input, why, and what each policy would send."""
    text = _decoded("standard input", sys.stdin.buffer.read(LARGEST_TEXT + 1)).removesuffix("\n")
    chosen = session.settings
    explanation = explain(open_privacy(chosen, _key(chosen)), tenant, text)
    if as_json:
        listing.show_json(explanation)
    else:
        _print(explanation)


@privacy.command()
@tenant_option
@json_option
@pass_session
def types(session: Session, tenant: str, as_json: bool) -> None:
    """List every type, the score that a find of it needs, and what happens to it on site and in a cloud."""
    chosen = session.settings.privacy
    check_types(chosen)
    on_site, cloud = (tenant_policy(chosen, tenant, place) for place in PLACES)
    rows = entries(choice_of(chosen, tenant), on_site, cloud, presidio_types(chosen))
    listing.show(rows, TYPES, as_json)


def _print(explanation: Explanation) -> None:
    if explanation.spans:
        cells = [msgspec.structs.replace(each, text=_cell(each.text)) for each in explanation.spans]
        listing.show(cells, SPANS, as_json=False)
    else:
        click.echo("Nothing was found.")
    for name, sent in explanation.sends.items():
        click.secho(f"\n{name}:", bold=True)
        for line in ("(the request is refused)" if sent is None else sent).splitlines():
            click.echo(f"  {line}")


def _cell(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_CELL else f"{line[: LONGEST_CELL - 1]}…"


def _key(chosen: Settings) -> bytes:
    pepper = chosen.identity.pepper or (chosen.paths.var / "identity.pepper").exists()
    if pepper:
        return open_keyring(chosen).privacy
    click.echo("There is no key before `ringfence init`: the digits of placeholders will be others.", err=True)
    return secrets.token_bytes(32)


def _documents(files: Iterable[str], jsonl: bool) -> Iterator[Document]:
    for name in files:
        if name == STANDARD_INPUT:
            yield from _lines("standard input", sys.stdin.buffer)
            continue
        try:
            with Path(name).open("rb") as stream:
                if jsonl or name.endswith(".jsonl"):
                    yield from _lines(name, stream)
                else:
                    yield Document(name, _decoded(name, stream.read(LARGEST_TEXT + 1)))
        except OSError as error:
            raise InvalidRequest(f"{name} cannot be read: {error.strerror}. Let this user read it.") from error


def _lines(name: str, stream: BinaryIO) -> Iterator[Document]:
    read = msgspec.json.Decoder(Document).decode
    for number, line in enumerate(iter(lambda: stream.readline(LARGEST_TEXT + 1), b""), start=1):
        if not line.strip():
            continue
        _check_size(f"{name}, line {number}", line)
        try:
            yield read(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidRequest(
                f'{name}, line {number}: {error}. Write each line as {{"id": "1", "text": "..."}}; '
                "what is no JSON goes in files of its own."
            ) from error


def _decoded(name: str, raw: bytes) -> str:
    _check_size(name, raw)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"{name} is not UTF-8 at byte {error.start}. Convert it, as with `iconv -t UTF-8`."
        ) from error


def _check_size(name: str, raw: bytes) -> None:
    if len(raw) > LARGEST_TEXT:
        raise TooLarge(f"{name} is larger than {LARGEST_TEXT >> 20} MB. Split it.")


def _told(documents: Iterable[Document]) -> Iterator[Document]:
    """Says how far it is, to somebody who watches and does not read the results there already."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from documents
        return
    begun = last = time.monotonic()
    count = size = 0
    for count, each in enumerate(documents, start=1):
        yield each
        size += len(each.text)
        if (now := time.monotonic()) - last > REFRESH_SECONDS:
            last = now
            _tell(count, size, now - begun)
    _tell(count, size, time.monotonic() - begun)
    click.echo(err=True)


def _tell(count: int, size: int, seconds: float) -> None:
    million = size / 1e6
    click.echo(f"\r{count:,} texts, {million:.1f} M characters, {million / seconds:.1f} M/s ", nl=False, err=True)
