"""From settings to engines: the one place that knows every kind."""

from pathlib import Path

from msgspec.structs import replace

from appliance.settings import EngineSettings, Settings
from inference.engine import Engine
from inference.llamacpp import LlamaCpp
from inference.local import engine_key, secret_file
from inference.roster import Post
from inference.vllm import Vllm
from inference.wire import Address


def open_engines(settings: Settings) -> list[Engine]:
    """Those that are there from the start to the end."""
    return [engine for each in settings.engines for engine in _open(each, settings.paths.var)]


def open_post(engine: EngineSettings, post: Post, var: Path) -> Vllm:
    """One process of an engine that is started here. It serves all that it lists; the roster says to whom."""
    key = engine_key(secret_file(var), post.id)
    own = replace(engine, models=(), upstream_model="", key=key, embeds=engine.embeds or post.embeds)
    return Vllm(own, Address("engine", socket=post.socket), post.id)


def _open(engine: EngineSettings, var: Path) -> list[Engine]:
    if engine.kind == "llamacpp":
        return [LlamaCpp(engine, var)]
    alone = len(engine.urls) == 1
    return [
        Vllm(engine, Address.parse(url), engine.name if alone else f"{engine.name}-{number}")
        for number, url in enumerate(engine.urls, start=1)
    ]
