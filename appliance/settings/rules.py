"""What no single setting can say: which of them do not go together. Pure."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from appliance.settings.engines import EngineSettings
from appliance.settings.outline import leaves
from appliance.settings.tree import Settings

Problem = tuple[str, str]

DRIVERS = ("postgresql+psycopg", "sqlite+aiosqlite")
PLACEHOLDER = "********"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SHORTEST_KEY = 32
SERVER = "http://host:port or https://host"
ONLY_VLLM = ("place", "urls", "discover", "launch", "key", "upstream_model")
ONLY_LLAMACPP = ("weights", "context", "slots", "threads", "gpu_layers")
DEFAULTS = EngineSettings(name="-", kind="vllm")


def contradictions(settings: Settings) -> Iterator[Problem]:
    """The key at fault and a message that ends with the remedy, for each problem."""
    yield from _secrets(settings)
    yield from _database(settings)
    yield from _ports(settings)
    yield from _trace(settings)
    yield from _hub(settings)
    yield from _jwt(settings)
    yield from _names(settings.engines)
    for index, engine in enumerate(settings.engines):
        yield from _engine(f"engines[{index}]", engine)


def _secrets(settings: Settings) -> Iterator[Problem]:
    given = {leaf.key: _at(settings, leaf.path) for leaf in leaves() if leaf.secret}
    given |= {f"engines[{index}].key": engine.key for index, engine in enumerate(settings.engines)}
    for name, operator in settings.privacy.presidio.operators.items():
        here = f"privacy.presidio.operators.{name}"
        given |= {f"{here}.salt": operator.salt, f"{here}.key": operator.key}
    for key, value in given.items():
        if value == PLACEHOLDER:
            yield key, f"{key} is the mark by which `ringfence config show` hides it. Give the secret."
    for key in ("identity.pepper", "audit.key", "privacy.key"):
        if 0 < len(given[key]) < SHORTEST_KEY:
            yield key, f"{key} is short enough to guess. Make one: `openssl rand -hex 32`."


def _database(settings: Settings) -> Iterator[Problem]:
    url = settings.database.url
    driver = url.partition("://")[0] if "://" in url else ""
    if url and driver not in DRIVERS:
        allowed = " or ".join(f"{each}://" for each in DRIVERS)
        begins = f"begins with {driver}://" if driver else "names no driver"
        yield "database.url", f"database.url {begins}; allowed: {allowed}. Change it."


def _ports(settings: Settings) -> Iterator[Problem]:
    if settings.metrics.port and settings.metrics.port == settings.server.port:
        port = settings.metrics.port
        yield "metrics.port", f"metrics.port is {port}, as is server.port. Choose another, or 0."


def _trace(settings: Settings) -> Iterator[Problem]:
    if settings.trace.endpoint and not _is_server(settings.trace.endpoint):
        yield "trace.endpoint", f"trace.endpoint is no server's address; allowed: {SERVER}. Change it."


def _hub(settings: Settings) -> Iterator[Problem]:
    hub, key = settings.models.hub, "models.hub"
    if hub and not _is_server(hub):
        yield key, f"{key} is no server's address; allowed: {SERVER}. Change it."
    elif settings.models.token and hub.startswith("http:") and urlsplit(hub).hostname not in LOOPBACK:
        yield key, f"{key} would get models.token unencrypted. Give its https address, or remove the token."


def _jwt(settings: Settings) -> Iterator[Problem]:
    jwt, here = settings.identity.jwt, "identity.jwt"
    if jwt.issuer and jwt.keys_file is None:
        yield f"{here}.keys_file", f"{here}.issuer is set without {here}.keys_file. Name a JWKS or PEM file."
    if jwt.keys_file is not None and not jwt.issuer:
        yield f"{here}.issuer", f"{here}.keys_file is set without {here}.issuer. Name the issuer."
    if not jwt.algorithms:
        yield f"{here}.algorithms", f"{here}.algorithms is empty. Name at least one, or remove the key."
    if not jwt.audience:
        yield f"{here}.audience", f"{here}.audience is empty, which no token can match. Name it."


def _names(engines: tuple[EngineSettings, ...]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, engine in enumerate(engines):
        other = first.setdefault(engine.name, index)
        if other != index:
            key = f"engines[{index}].name"
            yield key, f"{key} is {engine.name!r}, as is engines[{other}].name. Give each its own."


def _engine(here: str, engine: EngineSettings) -> Iterator[Problem]:
    yield from _source(here, engine)
    for name in ONLY_LLAMACPP if engine.kind == "vllm" else ONLY_VLLM:
        if getattr(engine, name) != getattr(DEFAULTS, name):
            key = f"{here}.{name}"
            yield key, f"{key} means nothing to {here}.kind {engine.kind!r}. Remove it or change the kind."
    addresses = [(f"urls[{index}]", url) for index, url in enumerate(engine.urls)]
    for name, url in (*addresses, *[("discover", engine.discover)] * bool(engine.discover)):
        if not _is_server(url):
            key = f"{here}.{name}"
            yield key, f"{key} is no server's address; allowed: {SERVER}. Change it."


def _source(here: str, engine: EngineSettings) -> Iterator[Problem]:
    """Where its tokens come from: one answer, and only one."""
    if engine.kind == "llamacpp":
        if not engine.weights:
            yield f"{here}.weights", f"{here}.weights is missing, and {here}.kind is 'llamacpp'. Add it."
        return
    given = {"urls": engine.urls, "discover": engine.discover, "launch.model": engine.launch.model}
    named = [name for name, value in given.items() if value]
    if not named:
        yield (
            f"{here}.urls",
            f"{here}.urls is missing, and {here}.kind is 'vllm'. Add it; or `discover`, or `launch.model`.",
        )
    for name in named[1:]:
        yield f"{here}.{name}", f"{here}.{name} is set beside {here}.{named[0]}. Remove one of them."
    launch = engine.launch
    if launch != DEFAULTS.launch and not launch.model:
        yield f"{here}.launch.model", f"{here}.launch.model is missing. Name a model of `ringfence models list`."
    if launch.model and engine.place == "cloud":
        yield f"{here}.place", f"{here}.place is 'cloud', and {here}.launch starts it here. Remove one of them."
    if len(launch.adapters) > launch.adapter_slots:
        yield (
            f"{here}.launch.adapter_slots",
            f"{here}.launch.adapter_slots is {launch.adapter_slots} for {len(launch.adapters)} adapters. Raise it.",
        )


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and parts.username is None


def _at(settings: Settings, path: tuple[str, ...]) -> str:
    value: object = settings
    for name in path:
        value = getattr(value, name)
    return str(value)
