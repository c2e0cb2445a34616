"""A model hub, or a mirror with the same addresses, as a source."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import quote

import msgspec
from msgspec import Struct

from appliance.errors import ModelError, NotFound, Unavailable
from models.store.digest import Digest
from models.store.names import DIGEST
from models.store.source import Listing, Offer, Stream
from models.store.web import Answer, Web

LARGEST_LISTING = 16 << 20
MOST_SKIPPED = 64 << 20
"""Bytes that may come once more from a mirror that always sends a file from its beginning."""
LARGEST_FILE = 1 << 40
LONGEST_COMMIT = 64
GIT_DIGEST = 40


class Lfs(Struct):
    sha256: str = ""
    size: int = 0


class Sibling(Struct):
    rfilename: str
    size: int | None = None
    blob_id: str | None = msgspec.field(default=None, name="blobId")
    lfs: Lfs | None = None


class Card(Struct):
    license: str | list[str] | None = None


class Repository(Struct):
    sha: str
    siblings: list[Sibling]
    card: Card | None = msgspec.field(default=None, name="cardData")


class Hub:
    """One revision of one repository; a branch or tag is pinned to its commit when it is listed."""

    def __init__(self, web: Web, url: str, repository: str, revision: str = "main") -> None:
        self._web = web
        self._url = url.rstrip("/")
        self._repository = repository
        self._commit = revision
        self._siblings: dict[str, Sibling] = {}

    def list(self) -> Listing:
        address = f"{self._url}/api/models/{quote(self._repository)}/revision/{quote(self._commit, safe='')}?blobs=true"
        with self._web.get(address) as answer:
            self._check(answer)
            body = _read(answer.body)
        try:
            found = msgspec.json.decode(body, type=Repository)
        except msgspec.DecodeError as error:
            raise ModelError(f"{self._url} does not answer as a model hub does. Correct models.hub.") from error
        if not found.sha.isalnum() or len(found.sha) > LONGEST_COMMIT:
            raise ModelError(f"{self._url} names no commit of {self._repository}. Correct models.hub.")
        self._commit = found.sha
        self._siblings = {each.rfilename: each for each in found.siblings}
        return Listing(
            source=self._repository, revision=self._commit, licence=_licence(found.card), paths=tuple(self._siblings)
        )

    def offer(self, path: str) -> Offer:
        sibling = self._siblings[path]
        if sibling.lfs is not None and sibling.lfs.sha256:
            return self._offered(path, sibling.lfs.size, sibling.lfs.sha256)
        if sibling.size is not None and sibling.blob_id:
            return self._offered(path, sibling.size, sibling.blob_id)
        answer = self._web.head(self._address(path))
        self._check(answer, also=range(300, 400))
        said = answer.headers.get("x-linked-etag") or answer.headers.get("etag", "")
        size = answer.headers.get("x-linked-size") or answer.headers.get("content-length", "")
        return self._offered(path, int(size) if size.isdecimal() else -1, said.removeprefix("W/").strip('"'))

    @contextmanager
    def read(self, path: str, begin: int, end: int) -> Iterator[Stream]:
        headers = {"range": f"bytes={begin}-{end - 1}"}
        with self._web.get(self._address(path), headers) as answer:
            if answer.status != HTTPStatus.PARTIAL_CONTENT:
                self._check(answer)
                if begin > MOST_SKIPPED:
                    raise ModelError(f"{path}: the mirror serves no ranges. Use another one for models.hub.")
                _skip(answer.body, begin)
            elif not answer.headers.get("content-range", "").startswith(f"bytes {begin}-{end - 1}/"):
                raise ModelError(f"{path}: another range came than was asked for. Use another mirror for models.hub.")
            yield answer.body

    def _address(self, path: str) -> str:
        return f"{self._url}/{quote(self._repository)}/resolve/{self._commit}/{quote(path)}"

    def _offered(self, path: str, size: int, digest: str) -> Offer:
        known = DIGEST.fullmatch(digest) or (len(digest) == GIT_DIGEST and digest.isalnum())
        if not 0 <= size <= LARGEST_FILE or not known:
            raise ModelError(f"{path}: the hub tells no size and digest of it. Use the hub itself as models.hub.")
        said = Digest(git=digest) if len(digest) == GIT_DIGEST else Digest(sha256=digest)
        return Offer(path, size, said, key=digest)

    def _check(self, answer: Answer, also: range = range(0)) -> None:
        if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise ModelError(self._refusal(answer.headers))
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NotFound(
                f"The hub has no {self._repository} at revision {self._commit}. "
                "Correct the name (OWNER/NAME) or --revision; a private one needs models.token."
            )
        if answer.status != HTTPStatus.OK and answer.status not in also:
            raise ModelError(f"The hub answers {answer.status} for {self._repository}. Correct models.hub.")

    def _refusal(self, headers: Mapping[str, str]) -> str:
        code = headers.get("x-error-code", "")
        token = "The token in models.token" if self._web.has_token else "No token is set, and without one nobody"
        if code == "RepoNotFound":
            return (
                f"The hub shows no {self._repository}: it does not exist, or it is private. {token} may not see it. "
                "Correct the name (OWNER/NAME), or give models.token_file a token that may."
            )
        return (
            f"{self._repository} is gated: its makers give it to those who accept its licence. {token} has done so. "
            "Open the model's page on the hub, accept the licence, put a token of that account into a file, name it in "
            "models.token_file, and pull again."
        )


def _read(body: Stream) -> bytes:
    pieces, size = [], 0
    while piece := body.read(1 << 16):
        size += len(piece)
        if size > LARGEST_LISTING:
            raise ModelError("The hub's list of files is over 16 MiB. Correct models.hub.")
        pieces.append(piece)
    return b"".join(pieces)


def _skip(body: Stream, size: int) -> None:
    while size > 0:
        piece = body.read(min(size, 1 << 20))
        if not piece:
            raise Unavailable("The connection was cut.", retry_after=0)
        size -= len(piece)


def _licence(card: Card | None) -> str:
    said = card.license if card is not None else None
    return ", ".join(said) if isinstance(said, list) else said or ""
