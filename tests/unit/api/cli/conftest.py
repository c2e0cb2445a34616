"""Every command starts the log."""

import pytest

from tests.logging_state import logging_restored

__all__ = ["logging_restored"]


@pytest.fixture(autouse=True)
def _log(logging_restored: None) -> None:
    return
