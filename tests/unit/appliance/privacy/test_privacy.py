import json
import threading
from pathlib import Path

import pytest

from appliance import settings
from appliance.errors import PrivacyUnavailable
from appliance.privacy.privacy import AT_ONCE_BYTES, Privacy

PLAIN = "My internet has been down since yesterday."
NAMED = "My name is Declan Murphy."


def body(text: str) -> bytes:
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()


@pytest.fixture
def privacy(tmp_path: Path) -> Privacy:
    """Names are wanted, but there is no model: who needs it is refused."""
    return Privacy(settings.Privacy(names="rampart"), b"key", tmp_path)


async def test_a_short_text_without_a_name_needs_no_model_and_no_thread(privacy: Privacy):
    assert await privacy.work([PLAIN], threading.get_ident) == threading.get_ident()
    assert PLAIN.encode() in (await privacy.seal(privacy.open("default"), "chat", body(PLAIN))).body


async def test_a_text_that_may_hold_a_name_leaves_the_event_loop(privacy: Privacy):
    assert await privacy.work([PLAIN, NAMED], threading.get_ident) != threading.get_ident()
    with pytest.raises(PrivacyUnavailable, match="look for names"):
        await privacy.seal(privacy.open("default"), "chat", body(NAMED))


async def test_a_long_text_leaves_the_event_loop(privacy: Privacy):
    long = "down " * (AT_ONCE_BYTES // 5 + 1)
    assert await privacy.work([long], threading.get_ident) != threading.get_ident()


async def test_without_names_no_text_does_for_its_words(tmp_path: Path):
    privacy = Privacy(settings.Privacy(names="off"), b"key", tmp_path)
    assert await privacy.work([NAMED], threading.get_ident) == threading.get_ident()
