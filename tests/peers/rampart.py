"""The real model that finds names, fetched and converted as `ringfence models pull rampart` does."""

import subprocess
from pathlib import Path

from appliance.errors import ModelError
from models import starter
from models.spec import find
from tests.peers.cache import Tell
from tests.peers.missing import PeerMissing

NAME = "rampart"


def weights(var: Path, tell: Tell) -> Path:
    """From the package client's cache or its registry."""
    try:
        return starter.fetch(NAME, var, tell)
    except ModelError as error:
        raise PeerMissing(error.message) from error


def as_shipped(folder: Path) -> Path:
    """The folder in the package, before anything is converted."""
    spec = find(NAME)
    subprocess.run(starter.download_command(spec, folder), check=True, capture_output=True, timeout=600)
    return (folder / next(iter(spec.files))).parent
