"""The Settings tree: every setting, its default and what it is for. Read once by `config.load`, passed down.

A setting has one name everywhere: `[server] port` in TOML, `RINGFENCE_SERVER_PORT` in the environment,
`server.port` in messages. A secret may also be given as a file: `key_file`, `RINGFENCE_DATABASE_URL_FILE`.
"""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from appliance.settings.engines import STARTER_ENGINES, EngineSettings
from appliance.settings.knowledge import Knowledge
from appliance.settings.privacy import Privacy
from appliance.settings.section import (
    Connections,
    Count,
    Host,
    Port,
    Positive,
    Processes,
    Seconds,
    Section,
    Share,
    Slots,
    about,
)


class Server(Section, frozen=True):
    host: Annotated[Host, about("Address the API listens on.")] = "127.0.0.1"
    port: Annotated[Port, about("Port the API listens on.")] = 8080
    workers: Annotated[Processes, about("API processes; 0 takes one per core, four at most.")] = 0
    body_limit: Annotated[Positive, about("Largest request body in bytes; a larger one gets 413.")] = 8 << 20
    drain_seconds: Annotated[
        Seconds, about("On SIGTERM, how long running requests may take to end before they are cut.")
    ] = 30.0
    stall_seconds: Annotated[
        Seconds, about("A client that takes no bytes for this long is dropped and its engine slot freed.")
    ] = 30.0


class Paths(Section, frozen=True):
    var: Annotated[Path, about("Folder for everything Ringfence writes.")] = Path("var")
    cache: Annotated[
        Path | None,
        about("Folder for what can be made again, such as compiled patterns; none is `cache` in `paths.var`."),
    ] = None
    shelf: Annotated[Path | None, about("TOML file with models of your own, beside those of the shelf.")] = None


class DatabaseSettings(Section, frozen=True):
    url: Annotated[
        str,
        about(
            "`postgresql+psycopg://user:password@host/name`, or `sqlite+aiosqlite:///file`; "
            "empty is SQLite in `paths.var`.",
            secret=True,
        ),
    ] = ""
    pool_size: Annotated[Connections, about("Connections a worker keeps open to PostgreSQL.")] = 5


class Log(Section, frozen=True):
    level: Annotated[Literal["debug", "info", "warning", "error"], about("Least level that is written.")] = "info"
    format: Annotated[
        Literal["auto", "json", "console"], about("`auto` is console on a terminal and JSON elsewhere.")
    ] = "auto"


class Metrics(Section, frozen=True):
    port: Annotated[
        Port, about("Serve `/metrics` here without a key; 0 serves it on the API port, to operators' keys.")
    ] = 0
    host: Annotated[Host, about("Address for `metrics.port`.")] = "127.0.0.1"


class Trace(Section, frozen=True):
    endpoint: Annotated[
        str,
        about(
            "Where a collector takes OTLP over HTTP, such as `http://10.0.0.9:4318`; empty traces nothing. "
            "Needs the extra `trace`. Spans never hold content."
        ),
    ] = ""
    share: Annotated[
        Share, about("Share of requests that are traced, 0 to 1; a caller's `traceparent` decides for its own.")
    ] = 1.0


class Jwt(Section, frozen=True):
    issuer: Annotated[str, about("Required `iss`; JSON Web Tokens are accepted only when this is set.")] = ""
    audience: Annotated[str, about("Required `aud`.")] = "ringfence"
    keys_file: Annotated[Path | None, about("JWKS file, or a PEM public key. It is read again when it changes.")] = None
    algorithms: Annotated[
        tuple[Literal["RS256", "ES256", "EdDSA"], ...], about("Signature algorithms that are accepted.")
    ] = ("RS256", "ES256", "EdDSA")
    leeway_seconds: Annotated[Count, about("Clock difference that is tolerated.")] = 30
    tenant_claim: Annotated[str, about("Claim that names the tenant.")] = "tenant"
    role_claim: Annotated[str, about("Claim that names the role.")] = "role"


class Identity(Section, frozen=True):
    pepper: Annotated[
        str,
        about(
            "Key under which API keys are digested; empty is `identity.pepper` in `paths.var`, made there "
            "at the first start.",
            secret=True,
        ),
    ] = ""
    signature_window_seconds: Annotated[
        Positive, about("Largest age of a signed request; its nonce is remembered this long.")
    ] = 300
    jwt: Jwt = Jwt()


class Bounds(Section, frozen=True):
    """Limits for one subject; 0 is unlimited."""

    requests_per_minute: Annotated[Count, about("Requests begun in a minute; 0 is unlimited.")] = 0
    tokens_per_minute: Annotated[Count, about("Prompt and completion tokens in a minute; 0 is unlimited.")] = 0
    concurrent: Annotated[Count, about("Requests running at once; 0 is unlimited.")] = 0
    money_per_day: Annotated[Count, about("Micro-units a (UTC) day; 0 is unlimited.")] = 0
    money_per_month: Annotated[Count, about("Micro-units a (UTC) month; 0 is unlimited.")] = 0
    money_per_session: Annotated[Count, about("Micro-units for one `x-session-id`; 0 is unlimited.")] = 0


class Price(Section, frozen=True):
    prompt: Annotated[Count, about("Micro-units for 1,000 prompt tokens.")] = 0
    completion: Annotated[Count, about("Micro-units for 1,000 completion tokens.")] = 0


class Limits(Section, frozen=True):
    tenant: Annotated[Bounds, about("For each tenant as a whole.")] = Bounds()
    user: Annotated[Bounds, about("For each user.")] = Bounds()
    key: Annotated[Bounds, about("For each API key.")] = Bounds()
    prices: Annotated[
        dict[str, Price], about('Price of each model: `[limits.prices."model-name"]`; others are free.')
    ] = {}
    default_completion_tokens: Annotated[
        Positive, about("Completion tokens reserved for a request that names no maximum.")
    ] = 512
    lease_seconds: Annotated[
        Seconds, about("How long a worker may hold a slice of a limit; after a crash it comes back then.")
    ] = 10.0


class Audit(Section, frozen=True):
    durability: Annotated[
        Literal["batch", "strict"],
        about("`batch` may lose 100 ms at a power cut; `strict` answers only after the record is stored."),
    ] = "batch"
    on_failure: Annotated[
        Literal["refuse", "continue"], about("What requests get while the ledger cannot be written.")
    ] = "refuse"
    batch_milliseconds: Annotated[
        Annotated[int, Meta(ge=1, le=100)], about("Longest time a record waits for its group commit.")
    ] = 50
    key: Annotated[
        str,
        about(
            "Key of the chain; empty is `audit.key` in `paths.var`, made there at the first start.",
            secret=True,
        ),
    ] = ""
    anchor: Annotated[
        Path | None,
        about("File that remembers the end of each chain; none is `audit.anchor` in `paths.var`."),
    ] = None


class Models(Section, frozen=True):
    hub: Annotated[
        str,
        about(
            "The model hub that `ringfence models pull` fetches from, or your mirror of it, such as "
            "`https://mirror.example`; empty: only folders (`--from`)."
        ),
    ] = ""
    token: Annotated[
        str, about("Token of an account at the hub, for models whose licence it accepted.", secret=True)
    ] = ""
    connections: Annotated[Slots, about("Connections to the hub at once.")] = 4


class Bundles(Section, frozen=True):
    keys: Annotated[
        tuple[Path, ...],
        about("Public keys (PEM, Ed25519) of those whose bundles `ringfence bundle import` takes."),
    ] = ()


class Settings(Section, frozen=True):
    server: Server = Server()
    paths: Paths = Paths()
    database: DatabaseSettings = DatabaseSettings()
    log: Log = Log()
    metrics: Metrics = Metrics()
    trace: Trace = Trace()
    identity: Identity = Identity()
    limits: Limits = Limits()
    audit: Audit = Audit()
    privacy: Privacy = Privacy()
    knowledge: Knowledge = Knowledge()
    models: Models = Models()
    bundles: Bundles = Bundles()
    engines: Annotated[
        tuple[EngineSettings, ...],
        about("The engines; none given starts the two starter models on this CPU."),
    ] = STARTER_ENGINES
