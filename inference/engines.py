"""From settings to engines: the one place that knows every kind."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import replace

from appliance.settings import EngineSettings, Settings
from inference.engine import Engine
from inference.fleet import Source
from inference.llamacpp import LlamaCpp
from inference.local import engine_key, secret_file
from inference.roster import Post
from inference.vllm import Vllm
from inference.waiting import Bounds, WaitingRoom
from inference.wire import Address


def open_engines(settings: Settings) -> list[Engine]:
    """Those that are there from the start to the end."""
    return [engine for each in settings.engines for engine in _open(each, settings.paths.var)]


def open_sources(settings: Settings, worker: str) -> list[Source]:
    """Of those that come and go. What no engine of the settings needs is not imported."""
    sources: list[Source] = []
    launched = {engine.name: engine for engine in settings.engines if engine.launch.model}
    var = settings.paths.var
    if launched:
        from inference.control import socket_of
        from inference.following import Follower

        def connect(post: Post) -> Engine:
            return open_post(launched[post.engine], post, var)

        sources.append(Follower(worker, socket_of(var), launched.values(), connect))
    for engine in settings.engines:
        if engine.discover:
            from inference.discovery import Discovery

            sources.append(Discovery(engine, partial(_open_server, engine)))
    return sources


async def open_elsewhere(engine: EngineSettings, var: Path) -> list[Engine]:
    """Its servers as they are now, for who looks once; OSError where their name leads nowhere."""
    if not engine.discover:
        return _open(engine, var)
    from inference.discovery import resolve

    addresses = sorted(await resolve(urlsplit(engine.discover).hostname or ""))
    return [_open_server(engine, address, number) for number, address in enumerate(addresses, start=1)]


def open_room(settings: Settings, counted: Callable[[str], None]) -> WaitingRoom:
    bounds = {each.name: Bounds(each.hold_seconds, each.hold_requests) for each in settings.engines}
    return WaitingRoom(bounds, counted)


def open_post(engine: EngineSettings, post: Post, var: Path) -> Vllm:
    """One process of an engine that is started here. It serves all that it lists; the roster says to whom."""
    key = engine_key(secret_file(var), post.id)
    own = replace(engine, models=(), upstream_model="", key=key, embeds=engine.embeds or post.embeds)
    return Vllm(own, Address("engine", socket=post.socket), post.id)


def _open_server(engine: EngineSettings, address: str, number: int) -> Vllm:
    named = Address.parse(engine.discover)
    return Vllm(engine, replace(named, host=address, certified=named.host), f"{engine.name}-{number}")


def _open(engine: EngineSettings, var: Path) -> list[Engine]:
    if engine.kind == "llamacpp":
        return [LlamaCpp(engine, var)]
    alone = len(engine.urls) == 1
    return [
        Vllm(engine, Address.parse(url), engine.name if alone else f"{engine.name}-{number}")
        for number, url in enumerate(engine.urls, start=1)
    ]
