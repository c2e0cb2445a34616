"""The tree of settings; `config.load` reads it."""

from appliance.settings.tree import (
    STARTER_ENGINES,
    Audit,
    Bounds,
    DatabaseSettings,
    EngineSettings,
    Identity,
    Jwt,
    Limits,
    Log,
    Metrics,
    Paths,
    Price,
    Section,
    Server,
    Settings,
    Trace,
)

__all__ = [
    "STARTER_ENGINES",
    "Audit",
    "Bounds",
    "DatabaseSettings",
    "EngineSettings",
    "Identity",
    "Jwt",
    "Limits",
    "Log",
    "Metrics",
    "Paths",
    "Price",
    "Section",
    "Server",
    "Settings",
    "Trace",
]
