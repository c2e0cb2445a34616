"""What is not the hot path: health, metrics, documentation."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import BaseModel

from appliance.settings import Metrics
from inference.twin import Twin
from tests.integration.api.conftest import Running, appliance


async def get(running: Running, path: str, key: str | None = None) -> tuple[int, str]:
    client = openai.DefaultAsyncHttpxClient()
    async with client:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        response = await client.get(running.url + path, headers=headers)
        return response.status_code, response.text


async def test_ready_means_that_a_token_can_be_produced(twin_appliance: Running) -> None:
    assert (await get(twin_appliance, "/health/live"))[0] == 200
    assert (await get(twin_appliance, "/health/ready"))[0] == 200
    (seat,) = twin_appliance.ring.fleet.seats
    twin_appliance.twin.down = "it rests"
    await twin_appliance.ring.fleet._look(seat)
    status, body = await get(twin_appliance, "/health/ready")
    assert status == 503 and "it rests" in body
    assert (await get(twin_appliance, "/health/live"))[0] == 200


async def test_metrics_need_a_key_that_may_read_them(twin_appliance: Running) -> None:
    await twin_appliance.client().completions.create(model="twin", prompt="one two")
    assert (await get(twin_appliance, "/metrics"))[0] == 401
    status, text = await get(twin_appliance, "/metrics", twin_appliance.key)
    assert status == 200
    assert re.search(r'ringfence_requests_total\{endpoint="/v1/completions",status="200"\} 1\.0', text)
    assert re.search(r'ringfence_tokens_total\{kind="completion",model="twin"\} 3\.0', text)


async def test_callers_cannot_make_series(twin_appliance: Running) -> None:
    before = (await get(twin_appliance, "/metrics", twin_appliance.key))[1].count("\n")
    for number in range(20):
        with pytest.raises(openai.NotFoundError):
            await twin_appliance.client().completions.create(model=f"model-{number}", prompt="x")
        await get(twin_appliance, f"/nowhere/{number}")
    after = (await get(twin_appliance, "/metrics", twin_appliance.key))[1].count("\n")
    assert after - before < 20


async def test_metrics_on_their_own_port_are_not_on_this_one(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), metrics=Metrics(port=9464)) as running:
        assert (await get(running, "/metrics", running.key))[0] == 404


async def test_the_documentation_names_every_endpoint_and_no_other_host(twin_appliance: Running) -> None:
    status, page = await get(twin_appliance, "/docs")
    assert status == 200
    for path in ("/v1/chat/completions", "/v1/embeddings", "/tokenize", "/v1/models", "/health/ready"):
        assert path in page
    hosts = set(re.findall(r"https?://([^/\"'\s<]+)", page))
    assert hosts <= {f"127.0.0.1:{twin_appliance.port}"}
    assert "<script" not in page


async def test_the_description_is_valid_and_complete(twin_appliance: Running) -> None:
    class Reply(BaseModel):
        openapi: str
        paths: dict[str, object]

    status, text = await get(twin_appliance, "/openapi.json")
    described = Reply.model_validate_json(text)
    assert status == 200 and described.openapi.startswith("3.")
    assert {"/v1/chat/completions", "/v1/models/{model}", "/metrics"} <= described.paths.keys()
    for name in set(re.findall(r'"#/components/schemas/(\w+)"', text)):
        assert f'"{name}":' in text


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/chat/completions"), ("DELETE", "/v1/models")])
async def test_a_wrong_method_is_405_in_openais_shape(twin_appliance: Running, method: str, path: str) -> None:
    async with openai.DefaultAsyncHttpxClient() as client:
        response = await client.request(method, twin_appliance.url + path)
    assert response.status_code == 405
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}
    assert response.headers["x-request-id"].startswith("req_")


async def test_a_wrong_method_is_told_the_right_one(twin_appliance: Running) -> None:
    async with openai.DefaultAsyncHttpxClient() as client:
        response = await client.request("DELETE", twin_appliance.url + "/v1/models")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


async def test_a_fault_of_ours_has_openais_shape_too(tmp_path: Path) -> None:
    unsortable: tuple[Any, ...] = ("twin", None)
    async with appliance(tmp_path, Twin(models=unsortable)) as running:
        status, body = await get(running, "/v1/models", running.key)
    assert status == 500
    assert '"code":"internal_error"' in body and "NoneType" not in body


async def test_the_page_of_privacy_runs_its_own_script_and_nothing_else(twin_appliance: Running) -> None:
    async with openai.DefaultAsyncHttpxClient() as client:
        response = await client.get(twin_appliance.url + "/privacy")
    page, policy = response.text, response.headers["content-security-policy"]
    assert response.status_code == 200 and response.headers["content-type"].startswith("text/html")
    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    # Nothing of another host, and nothing that the policy would not let run.
    assert "://" not in page and not re.search(r"\s(?:style|on\w+)=", page)
    assert twin_appliance.key not in page
