"""Signed requests through the real door: what is signed is what was sent."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest

from appliance.db import open_database
from appliance.identity import credentials, signatures
from appliance.identity.credentials import Order
from appliance.identity.keys import Mint
from appliance.keyring import open_keyring
from appliance.settings import Server
from inference.twin import Twin
from tests.integration.api.conftest import Running, appliance

BODY = json.dumps({"model": "twin", "messages": [{"role": "user", "content": "x"}]}).encode()
CHAT = "/v1/chat/completions?trace=a%20b"


@pytest.fixture
async def signer(tmp_path: Path) -> AsyncIterator[tuple[Running, str]]:
    async with appliance(tmp_path, Twin(), server=Server(body_limit=1000)) as running:
        settings = running.ring.settings
        database = open_database(settings)
        order = Order(tenant="default", name="signer", role="service", signing=True)
        issued = await credentials.create_key(database, Mint(open_keyring(settings).pepper), order)
        await database.close()
        yield running, issued.text


async def send(running: Running, method: str, path: str, body: bytes, authorization: str) -> tuple[int, str]:
    async with openai.DefaultAsyncHttpxClient() as client:
        response = await client.request(
            method, running.url + path, content=body, headers={"authorization": authorization}
        )
        return response.status_code, response.text


async def test_a_signed_request_is_answered_once(signer: tuple[Running, str]) -> None:
    running, key = signer
    signed = signatures.sign(key, signatures.Request("POST", CHAT, BODY))
    assert (await send(running, "POST", CHAT, BODY, signed))[0] == 200
    assert (await send(running, "POST", CHAT, BODY, signed))[0] == 401, "a replay"


async def test_a_signature_covers_the_whole_target(signer: tuple[Running, str]) -> None:
    running, key = signer
    target = "/v1/models?x=%2f"
    signed = signatures.sign(key, signatures.Request("GET", target, b""))
    assert (await send(running, "GET", "/v1/models?x=/", b"", signed))[0] == 401
    assert (await send(running, "GET", target, b"", signed))[0] == 200


async def test_a_body_is_bounded_before_it_is_hashed(signer: tuple[Running, str]) -> None:
    running, key = signer
    large = b"x" * 2000
    for method, target in (("POST", CHAT), ("GET", "/v1/models")):
        signed = signatures.sign(key, signatures.Request(method, target, large))
        assert (await send(running, method, target, large, signed))[0] == 413
