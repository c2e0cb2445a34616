"""The tree of settings; `config.load` reads it."""

from appliance.settings.privacy import Action, Mode, Place, Privacy, PrivacyPolicy, Recognizer, TenantPrivacy
from appliance.settings.section import Section
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
    Server,
    Settings,
    Trace,
)

__all__ = [
    "STARTER_ENGINES",
    "Action",
    "Audit",
    "Bounds",
    "DatabaseSettings",
    "EngineSettings",
    "Identity",
    "Jwt",
    "Limits",
    "Log",
    "Metrics",
    "Mode",
    "Paths",
    "Place",
    "Price",
    "Privacy",
    "PrivacyPolicy",
    "Recognizer",
    "Section",
    "Server",
    "Settings",
    "TenantPrivacy",
    "Trace",
]
