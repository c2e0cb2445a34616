"""From settings to engines: the one place that knows every kind."""

from pathlib import Path

from appliance.settings import EngineSettings, Settings
from inference.engine import Engine
from inference.llamacpp import LlamaCpp
from inference.vllm import Vllm
from inference.wire import Address


def open_engines(settings: Settings) -> list[Engine]:
    return [engine for each in settings.engines for engine in _open(each, settings.paths.var)]


def _open(engine: EngineSettings, var: Path) -> list[Engine]:
    if engine.kind == "llamacpp":
        return [LlamaCpp(engine, var)]
    alone = len(engine.urls) == 1
    return [
        Vllm(engine, Address.parse(url), engine.name if alone else f"{engine.name}-{number}")
        for number, url in enumerate(engine.urls, start=1)
    ]
