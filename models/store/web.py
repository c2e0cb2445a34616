"""A small HTTP client for the hub: GET and HEAD, redirects, TLS with the system's certificates.

The token goes to the hub's own host and to no other; what comes back as an error never holds it, nor an address's
query, in which the hosts of large files carry credentials of their own.
"""

import http.client
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from appliance.errors import ModelError, Unavailable
from models.store.source import Stream

SILENCE_SECONDS = 30.0
MOST_REDIRECTS = 5
LONGEST_WAIT = 600.0
RETRY = 0.25
REDIRECTS = (301, 302, 303, 307, 308)
BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
PORTS = {"http": 80, "https": 443}


class Answer(Struct, frozen=True):
    status: int
    headers: Mapping[str, str]
    """By names in small letters."""
    body: Stream


class _Body:
    """Only its own reading is translated: what its reader does with the bytes may fail in ways of its own."""

    def __init__(self, response: http.client.HTTPResponse, host: str | None) -> None:
        self._response = response
        self._host = host

    def read(self, size: int, /) -> bytes:
        with _translated(self._host):
            return self._response.read(size)


class Web:
    def __init__(self, token: str = "", silence: float = SILENCE_SECONDS) -> None:
        self._token = token
        self._silence = silence

    @property
    def has_token(self) -> bool:
        return bool(self._token)

    @contextmanager
    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[Answer]:
        """The answer after redirects, of whatever status but those that ask to come again."""
        with self._following("GET", url, headers or {}, elsewhere=True) as answer:
            yield answer

    def head(self, url: str) -> Answer:
        """The hub's own answer: a redirect to another host is one, and its headers say what is there."""
        with self._following("HEAD", url, {}, elsewhere=False) as answer:
            return answer

    @contextmanager
    def _following(self, method: str, url: str, headers: Mapping[str, str], *, elsewhere: bool) -> Iterator[Answer]:
        home = _origin(_split(url))
        for _ in range(MOST_REDIRECTS):
            parts = _split(url)
            own = {"authorization": f"Bearer {self._token}"} if self._token and _origin(parts) == home else {}
            with self._asked(method, parts, {**headers, **own}) as answer:
                target = urljoin(url, answer.headers.get("location", ""))
                leaves = _origin(_split(target)) != home
                if answer.status not in REDIRECTS or (leaves and not elsewhere):
                    yield answer
                    return
            if parts.scheme == "https" and _split(target).scheme != "https":
                raise ModelError(f"{shown(url)} leads from https to http. Set models.hub to a hub or mirror you trust.")
            url = target
        raise ModelError(f"{shown(url)} leads from one address to the next. Set models.hub to the hub's own address.")

    @contextmanager
    def _asked(self, method: str, parts: SplitResult, headers: Mapping[str, str]) -> Iterator[Answer]:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with closing(self._connection(parts)) as connection:
            with _translated(parts.hostname):
                connection.request(method, path, headers={"accept-encoding": "identity", **headers})
                response = connection.getresponse()
            # A connection that ends with its answer leaves the closing to it.
            with closing(response):
                found = {name.lower(): value for name, value in response.getheaders()}
                if response.status in BUSY or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    busy = f"{parts.hostname} answers {response.status}. Try again later."
                    raise Unavailable(busy, retry_after=wait(found))
                yield Answer(response.status, found, _Body(response, parts.hostname))

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._silence, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=self._silence)


@contextmanager
def _translated(host: str | None) -> Iterator[None]:
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ModelError(
            f"{host} shows a certificate that this machine does not trust ({error.verify_message}). "
            "Install its authority among the system's certificates."
        ) from error
    except (OSError, http.client.HTTPException) as error:
        cause = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
        raise Unavailable(f"{host} cannot be read: {cause}. See that it can be reached.", retry_after=RETRY) from error


def shown(url: str) -> str:
    """An address without what it may carry as credentials."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{parts.path}"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ModelError(
            "An address of the hub is neither http nor https. Set models.hub to a hub or mirror you trust."
        )
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme]


def wait(headers: Mapping[str, str]) -> float:
    """Seconds of `Retry-After`, which is a number or a date; 1 where there is none."""
    said = headers.get("retry-after", "")
    if said.isdecimal():
        return min(float(said), LONGEST_WAIT)
    try:
        seconds = parsedate_to_datetime(said).timestamp() - time.time()
    except ValueError:
        return 1.0
    return min(max(seconds, 0.0), LONGEST_WAIT)
