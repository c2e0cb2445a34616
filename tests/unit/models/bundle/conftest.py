from pathlib import Path

import pytest

from models import bundle
from models.store import Store
from tests.unit.models.bundle.forging import filled


@pytest.fixture
def key(tmp_path: Path) -> Path:
    bundle.make_key(tmp_path / "key")
    return tmp_path / "key"


@pytest.fixture
def sender(tmp_path: Path) -> Store:
    return filled(tmp_path / "sender" / "models")


@pytest.fixture
def receiver(tmp_path: Path) -> Store:
    return Store(tmp_path / "receiver" / "models")
