"""The way to a Weaviate: one client, its times, and its errors in our words."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

from httpx import HTTPError
from msgspec import Struct
from weaviate import WeaviateAsyncClient
from weaviate.classes.init import AdditionalConfig, Auth, Timeout
from weaviate.config import ConnectionConfig
from weaviate.connect import ConnectionParams
from weaviate.exceptions import (
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateTimeoutError,
)

from appliance.errors import ConfigError, Unavailable
from appliance.settings.knowledge import WeaviateSettings

LEAST = (1, 38, 11)
"""Older ones may write half an object when replicas repair each other."""
CONNECTIONS = 16
TLS_PORT, PLAIN_PORT = 443, 8080


class Times(Struct, frozen=True):
    """Seconds."""

    start: int = 10
    query: int = 30
    insert: int = 90


def client_of(settings: WeaviateSettings, times: Times = Times()) -> WeaviateAsyncClient:  # noqa: B008
    url, grpc = urlsplit(settings.url), urlsplit(f"//{settings.grpc}")
    if (
        not (url.hostname and url.scheme in ("http", "https") and grpc.hostname and grpc.port)
        or url.netloc == grpc.netloc
    ):
        raise ConfigError(
            "knowledge.weaviate needs `url`, such as http://10.0.0.7:8080, and `grpc`, such as 10.0.0.7:50051."
        )
    is_secure = url.scheme == "https"
    where = ConnectionParams.from_params(
        http_host=url.hostname, http_port=url.port or (TLS_PORT if is_secure else PLAIN_PORT), http_secure=is_secure,
        grpc_host=grpc.hostname, grpc_port=grpc.port, grpc_secure=is_secure,
    )  # fmt: skip
    more = AdditionalConfig(
        connection=ConnectionConfig(session_pool_connections=CONNECTIONS, session_pool_maxsize=CONNECTIONS),
        timeout=Timeout(init=times.start, query=times.query, insert=times.insert),
        trust_env=False,
    )
    # Its own checks would ask a package registry for newer clients.
    return WeaviateAsyncClient(
        where, auth_client_secret=Auth.api_key(settings.key), additional_config=more, skip_init_checks=True
    )


@asynccontextmanager
async def connected(settings: WeaviateSettings) -> AsyncIterator[WeaviateAsyncClient]:
    client = client_of(settings)
    try:
        await connect(client, settings.url)
        yield client
    finally:
        await client.close()


async def connect(client: WeaviateAsyncClient, url: str) -> None:
    """gRPC comes back by itself after this; HTTP is connected anew for each request that needs it."""
    with translated(url):
        await client.connect()
        version = str((await client.get_meta())["version"])
    if tuple(int(part) for part in version.partition("-")[0].split(".")) < LEAST:
        raise ConfigError(f"The Weaviate at {url} is {version}. Update it to {'.'.join(map(str, LEAST))} or newer.")


@contextmanager
def translated(url: str) -> Iterator[None]:
    try:
        yield
    except UnexpectedStatusCodeError as error:
        if error.status_code not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Unavailable(f"Weaviate at {url} answered with {error.status_code}. See its log.") from error
        raise ConfigError(
            f"Weaviate at {url} does not let this key do that. "
            "Run `ringfence weaviate setup`, or set `knowledge.weaviate.key` to a key that may."
        ) from error
    except WeaviateTimeoutError as error:
        raise Unavailable(
            f"Weaviate at {url} did not answer in time. Try again; see its load if it stays so."
        ) from error
    except (WeaviateBaseError, HTTPError, OSError) as error:
        raise Unavailable(
            f"Weaviate at {url} failed ({type(error).__name__}). See `ringfence weaviate status` and its log."
        ) from error
