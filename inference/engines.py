"""From settings to engines: the one place that knows every kind."""

from appliance.settings import EngineSettings, Settings
from inference.engine import Engine
from inference.vllm import Vllm


def open_engines(settings: Settings) -> list[Engine]:
    return [engine for each in settings.engines for engine in _open(each)]


def _open(engine: EngineSettings) -> list[Engine]:
    alone = len(engine.urls) == 1
    return [
        Vllm(engine, url, engine.name if alone else f"{engine.name}-{number}")
        for number, url in enumerate(engine.urls, start=1)
    ]
