"""`ringfence bundle`"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from api.cli import listing
from api.cli.session import Session, json_option, pass_session
from api.cli.store import adopt_starters, metered, open_store
from appliance.errors import InvalidRequest
from models import bundle as bundles
from models.bundle import KINDS, Contents, Opened, Order, PublicKey
from models.store.disk import shown

FILE = click.Path(path_type=Path)

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
COLUMNS = ("kind", "name", "files", "bytes", "carried")


class Row(Struct, frozen=True):
    kind: str
    name: str
    files: int
    bytes: int
    carried: int
    """Bytes of it that are in this bundle."""


class Overview(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    signer: str
    trusted: bool
    base: str
    rows: list[Row]


class Size(click.ParamType[int]):
    """`4GB`, `700MB`, or a number of bytes."""

    name = "size"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"(\d{1,12})([kmgt]?)b?", str(value).lower())
        if found is None:
            self.fail(f"{value!r} is no size. Write it as 4GB or 700MB.", param, ctx)
        return int(found[1]) * UNITS[found[2]]


@click.group()
def bundle() -> None:
    """Carry models and packages to where there is no internet, signed."""


@bundle.command()
@click.argument("file", type=FILE)
def key(file: Path) -> None:
    """Make a key to sign bundles with: FILE, which is secret, and FILE.pub, which every receiver needs."""
    click.echo(bundles.make_key(file).fingerprint)


@bundle.command()
@click.argument("file", type=FILE)
@click.option("--key", required=True, type=FILE, help="The secret key of `ringfence bundle key`.")
@click.option("--model", "names", multiple=True, help="A model of the store; repeatable.")
@click.option("--add", multiple=True, metavar="KIND=PATH", help=f"Files that go along: {', '.join(KINDS)}; repeatable.")
@click.option("--part-size", type=Size(), help="Write parts of this size, such as 4GB.")
@click.option("--since", type=FILE, metavar="MANIFEST", help="Leave out what an older bundle had: its manifest.")
@click.option("--name", help="The bundle's name; default: that of FILE.")
@pass_session
def export(
    session: Session, /, file: Path, key: Path, names: tuple[str, ...], add: tuple[str, ...], **given: Any
) -> None:
    """Write models, and what goes along with them, into one signed FILE, or into parts of it.

    Beside it stands FILE.manifest.json: keep it, and give it to --since for the next bundle.
    """
    if not (names or add):
        raise InvalidRequest("The bundle would be empty. Give --model or --add.")
    store = open_store(session.settings)
    adopt_starters(store, session.settings)
    order = Order(
        name=given["name"] or _name(file),
        models=tuple(store.require(each) for each in dict.fromkeys(names)),
        attached=dict(_attached(add)),
        **_base(given["since"]),
    )
    with metered() as meter, store.writing(meter):
        done = bundles.export(order, store.blobs, bundles.Output(file, key, given["part_size"]), meter)
    for each in done.files:
        click.echo(each)
    click.echo(f"Bundle {done.id[:16]}, {shown(done.size)}, in {len(done.files)} files.", err=True)


@bundle.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--key", "keys", multiple=True, type=FILE, help="A public key to trust, beside bundles.keys.")
@click.option("--check", is_flag=True, help="Read all of it, as an import would.")
@json_option
@pass_session
def inspect(session: Session, files: tuple[Path, ...], keys: tuple[Path, ...], check: bool, as_json: bool) -> None:
    """Show what is in a bundle (FILE, or all of its parts) and who signed it. Nothing is written."""
    trusted = _trusted(session, keys)
    with bundles.open_bundle(files, trusted if check else None) as opened:
        overview = _overview(opened, trusted)
        if check:
            with metered() as meter:
                bundles.check(opened, open_store(session.settings).blobs, meter)
    if as_json:
        listing.show_json(overview)
        return
    listing.show(overview.rows, COLUMNS, as_json=False)
    click.echo(f"Bundle {overview.id}, signed with the key {overview.signer}, which is", nl=False)
    click.echo(" trusted." if overview.trusted else " not trusted.")
    if overview.base:
        click.echo(f"It leaves out what the bundle {overview.base} had.")


@bundle.command("import")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--key", "keys", multiple=True, type=FILE, help="A public key to trust, beside bundles.keys.")
@json_option
@pass_session
def import_(session: Session, files: tuple[Path, ...], keys: tuple[Path, ...], as_json: bool) -> None:
    """Bring a bundle (FILE, or all of its parts) into the store.

    All of it is read and checked before anything is written. It can be interrupted and done again at any time.
    """
    store = open_store(session.settings)
    with bundles.open_bundle(files, _trusted(session, keys)) as opened, metered() as meter:
        meter.say(f"{opened.contents.name}: checking {shown(opened.stream.size)}")
        bundles.check(opened, store.blobs, meter)
        meter.say(f"{opened.contents.name}: all is right; writing what is not here yet")
        done = bundles.bring(opened, store, meter)
    if as_json:
        listing.show_json(done)
        return
    for name in done.models:
        click.echo(store.folder(name))
    click.echo(done.folder)
    click.echo(f"Bundle {done.id[:16]}: {shown(done.written)} were new.", err=True)


def _name(file: Path) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("-._") or "bundle"


def _base(manifest: Path | None) -> dict[str, Any]:
    if manifest is None:
        return {}
    try:
        data = manifest.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{manifest} cannot be read: {error.strerror}. Give --since another manifest.") from error
    return {"base": bundles.decode(data), "base_id": bundles.identify(data)}


def _attached(pairs: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Each file under its kind; those of a folder with their paths in it."""
    for pair in pairs:
        kind, _, text = pair.partition("=")
        place = Path(text)
        if kind not in KINDS or not text:
            raise InvalidRequest(f"--add {pair} names no files. Write KIND=PATH; the kinds are {', '.join(KINDS)}.")
        if place.is_file():
            yield f"{kind}/{place.name}", place
        elif place.is_dir():
            files = (each for each in sorted(place.rglob("*")) if each.is_file() and not each.is_symlink())
            yield from ((f"{kind}/{each.relative_to(place).as_posix()}", each) for each in files)
        else:
            raise InvalidRequest(f"{place} is no file and no folder. Correct --add {pair}.")


def _trusted(session: Session, keys: tuple[Path, ...]) -> list[PublicKey]:
    return [bundles.read_public(each) for each in (*keys, *session.settings.bundles.keys)]


def _overview(opened: Opened, trusted: list[PublicKey]) -> Overview:
    contents = opened.contents
    return Overview(
        id=opened.id,
        name=contents.name,
        signer=opened.signer.fingerprint,
        trusted=opened.signer in trusted,
        base=contents.base,
        rows=list(_rows(contents)),
    )


def _rows(contents: Contents) -> Iterator[Row]:
    carried = set(contents.carried)
    groups = [("model", model.name, model.files) for model in contents.models]
    for kind in (*KINDS, bundles.SBOM):
        files = tuple(file for file in contents.files if file.path.split("/")[0] == kind)
        if files:
            groups.append(("files", kind, files))
    for kind, name, files in groups:
        here = sum(file.size for file in files if file.sha256 in carried)
        yield Row(kind, name, len(files), sum(file.size for file in files), here)
