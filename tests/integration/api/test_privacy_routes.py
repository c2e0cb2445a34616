"""What other systems learn of their texts over HTTP, and what the ledger does of them."""

import json
from pathlib import Path
from typing import Any

import openai
import pytest

from appliance.audit.report import export
from appliance.db import open_database
from appliance.identity import credentials, signatures
from appliance.identity.credentials import Order
from appliance.identity.keys import Mint
from appliance.keyring import open_keyring
from appliance.settings import Bounds, Limits, Privacy, PrivacyPolicy, Recognizer, Server, TenantPrivacy
from inference.twin import Twin
from tests.integration.api.conftest import Running, appliance

SCAN = "/v1/privacy/scan"
ANONYMIZE = "/v1/privacy/anonymize"
EXPLAIN = "/v1/privacy/explain"
TYPES = "/v1/privacy/types"
MAIL = "jane.doe@customer.example"
OTHER = "john.roe@customer.example"


async def post(running: Running, path: str, body: Any, authorization: str | None = None) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"authorization": authorization or f"Bearer {running.key}"}
    async with openai.DefaultAsyncHttpxClient() as client:
        response = await client.post(running.url + path, content=raw, headers=headers)
        return response.status_code, response.json()


async def get(running: Running, path: str, authorization: str | None = None) -> tuple[int, Any]:
    headers = {"authorization": authorization or f"Bearer {running.key}"}
    async with openai.DefaultAsyncHttpxClient() as client:
        response = await client.get(running.url + path, headers=headers)
        return response.status_code, response.json()


async def key(running: Running, **wishes: Any) -> str:
    settings = running.ring.settings
    database = open_database(settings)
    order = Order(tenant="default", name="other", role="service", **wishes)
    issued = await credentials.create_key(database, Mint(open_keyring(settings).pepper), order)
    await database.close()
    return issued.text


async def entries(running: Running) -> list[dict[str, Any]]:
    await running.ring.ledger.close()
    database = open_database(running.ring.settings)
    lines = [json.loads(line) async for line in export(database)]
    await database.close()
    return [line for line in lines if line["action"].startswith("privacy_")]


async def test_a_scan_tells_places_in_characters(twin_appliance: Running) -> None:
    text = f"Grüße, 😀: {MAIL}"
    status, told = await post(twin_appliance, SCAN, {"text": text})
    (span,) = told["spans"]
    assert (status, told.keys()) == (200, {"spans"})
    assert span.keys() == {"start", "end", "type", "score", "recognizer"}
    assert (text[span["start"] : span["end"]], span["type"]) == (MAIL, "EMAIL_ADDRESS")


async def test_several_texts_are_told_apart(twin_appliance: Running) -> None:
    texts = ["nothing here", MAIL, "x " * 5_000 + MAIL]
    _, told = await post(twin_appliance, SCAN, {"texts": texts})
    places = [[(span["start"], span["end"]) for span in each["spans"]] for each in told["results"]]
    assert places == [[], [(0, len(MAIL))], [(10_000, 10_000 + len(MAIL))]]


async def test_what_is_anonymized_has_no_way_back(twin_appliance: Running) -> None:
    status, told = await post(twin_appliance, ANONYMIZE, {"text": f"{MAIL}, {OTHER} and {MAIL}"})
    assert (status, told.keys(), told["counts"]) == (200, {"text", "counts"}, {"EMAIL_ADDRESS": 3})
    first, second, third = told["text"].replace(" and", ",").split(", ")
    assert first == third != second and first.startswith("<EMAIL_ADDRESS_")
    assert MAIL not in json.dumps(told)


async def test_a_value_is_the_same_in_every_text_and_request(twin_appliance: Running) -> None:
    _, told = await post(twin_appliance, ANONYMIZE, {"texts": [MAIL, "hello", f"again {MAIL}"]})
    first, second, third = told["results"]
    assert third == {"text": f"again {first['text']}", "counts": {"EMAIL_ADDRESS": 1}}
    assert second == {"text": "hello", "counts": {}}
    assert (await post(twin_appliance, ANONYMIZE, {"text": MAIL}))[1] == first


@pytest.mark.parametrize("mode", ["pass", "refuse"])
async def test_it_masks_whatever_engines_may_see(tmp_path: Path, mode: Any) -> None:
    policy = PrivacyPolicy(mode=mode, types={"IP_ADDRESS": "generalise"})
    privacy = Privacy(tenants={"default": TenantPrivacy(policy=policy)})
    async with appliance(tmp_path, Twin(), privacy=privacy) as running:
        _, told = await post(running, ANONYMIZE, {"text": f"{MAIL} from 198.51.100.77"})
    assert told["text"].startswith("<EMAIL_ADDRESS_") and told["text"].endswith("> from 198.51.100.0/24")


async def test_each_tenant_finds_what_it_chose(tmp_path: Path) -> None:
    own = Recognizer(name="own", type="LOOPBACK_ID", regex=r"\bLB-[0-9]{4}\b", score=0.5)
    german = TenantPrivacy(phone_regions=("DE",), recognizers=(own,), thresholds={"EMAIL_ADDRESS": 1.0})
    text = f"tel 030 901820, tel 800 123 456, LB-1234, {MAIL}"
    found = {}
    for tenant in ("default", "another"):
        (folder := tmp_path / tenant).mkdir()
        async with appliance(folder, Twin(), privacy=Privacy(tenants={tenant: german})) as running:
            _, told = await post(running, SCAN, {"text": text})
        found[tenant] = {text[each["start"] : each["end"]] for each in told["spans"]}
    assert found["default"] == {"030 901820", "LB-1234"}
    assert found["another"] >= {"030 901820", "800 123 456", MAIL}
    assert "LB-1234" not in found["another"]


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        (b"no JSON " + MAIL.encode(), "invalid_json", None),
        ({}, "invalid_value", "text"),
        ({"text": MAIL, "texts": [MAIL]}, "invalid_value", "text"),
        ({"texts": []}, "invalid_value", "texts"),
        ({"texts": [MAIL, 7]}, "invalid_value", "texts[1]"),
        ({"texts": ["x"] * 1_001}, "invalid_value", "texts"),
    ],
)
@pytest.mark.parametrize("path", [SCAN, ANONYMIZE, EXPLAIN])
async def test_a_wrong_body_is_refused_and_not_quoted(
    twin_appliance: Running, path: str, body: Any, code: str, param: str | None
) -> None:
    status, told = await post(twin_appliance, path, body)
    assert (status, told["error"]["code"]) == (400, code)
    assert (told["error"]["param"] or None) == param
    assert MAIL not in json.dumps(told)


async def test_a_large_body_is_refused(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), server=Server(body_limit=1_000)) as running:
        assert (await post(running, SCAN, {"text": "x" * 900}))[0] == 200
        status, told = await post(running, SCAN, {"text": "x" * 1_000})
    assert (status, told["error"]["code"]) == (413, "request_too_large")


async def test_only_who_may_use_models_may_ask(twin_appliance: Running) -> None:
    assert (await post(twin_appliance, SCAN, {"text": MAIL}, "Bearer rf_nobody"))[0] == 401
    blind = await key(twin_appliance, scopes=["models:read"])
    status, told = await post(twin_appliance, SCAN, {"text": MAIL}, f"Bearer {blind}")
    assert (status, told["error"]["code"]) == (403, "permission_denied")


async def test_a_signed_request_is_answered(twin_appliance: Running) -> None:
    signer = await key(twin_appliance, signing=True)
    body = json.dumps({"text": MAIL}).encode()
    signed = signatures.sign(signer, signatures.Request("POST", SCAN, body))
    status, told = await post(twin_appliance, SCAN, body, signed)
    assert (status, len(told["spans"])) == (200, 1)


async def test_it_counts_as_a_request(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), limits=Limits(key=Bounds(requests_per_minute=1))) as running:
        assert (await post(running, SCAN, {"text": MAIL}))[0] == 200
        status, told = await post(running, ANONYMIZE, {"text": MAIL})
        codes = [(each["action"], each["code"]) for each in await entries(running)]
    assert (status, told["error"]["code"]) == (429, "rate_limit_exceeded")
    assert codes == [("privacy_scan", "ok"), ("privacy_anonymize", "rate_limit_exceeded")]


async def test_the_ledger_has_counts_only(twin_appliance: Running) -> None:
    await post(twin_appliance, SCAN, {"texts": [MAIL, f"{OTHER} from 198.51.100.77"]})
    (entry,) = await entries(twin_appliance)
    assert entry["details"] == {"texts": 2, "email_address": 2, "ip_address": 1}
    assert MAIL not in json.dumps(entry) and entry["request_id"].startswith("req_")


async def test_an_explanation_shows_what_each_policy_would_send(tmp_path: Path) -> None:
    policy = PrivacyPolicy(types={"IP_ADDRESS": "keep"}, cloud="refuse")
    text = f"😀 {MAIL} from 198.51.100.77"
    async with appliance(tmp_path, Twin(), privacy=Privacy(policy=policy)) as running:
        status, told = await post(running, EXPLAIN, {"text": text})
        _, several = await post(running, EXPLAIN, {"texts": ["hello", text]})
        entry = (await entries(running))[0]
    assert (status, told.keys(), several["results"][1]) == (200, {"spans", "sends"}, told)
    assert [(each["text"], each["action"]) for each in told["spans"]] == [(MAIL, "mask"), ("198.51.100.77", "keep")]
    sends = told["sends"]
    assert sends["now"].startswith("😀 <EMAIL_ADDRESS_") and sends["now"].endswith("> from 198.51.100.77")
    assert (sends["cloud"], sends["refuse"], sends["keep"], sends["drop"]) == (None, None, text, "😀  from ")
    assert sends["generalise"] == "😀 @customer.example from 198.51.100.0/24"
    assert (entry["action"], entry["details"]) == ("privacy_explain", {"texts": 1, "email_address": 1, "ip_address": 1})


async def test_types_are_listed_as_the_tenants_policy_has_them(tmp_path: Path) -> None:
    south = TenantPrivacy(policy=PrivacyPolicy(mode="pass", embeddings="mask"), thresholds={"URL": 0.9})
    async with appliance(tmp_path, Twin(), privacy=Privacy(tenants={"default": south})) as running:
        status, told = await get(running, TYPES)
        nobody = await get(running, TYPES, "Bearer rf_nobody")
        blind = await get(running, TYPES, f"Bearer {await key(running, scopes=['models:read'])}")
    assert (status, nobody[0], blind[0]) == (200, 401, 403)
    assert (told["tenant"], told["policy"]["on_site"], told["policy"]["cloud"]) == (
        "default",
        {"mode": "pass", "embeddings": "mask"},
        {"mode": "mask", "embeddings": "mask"},
    )
    (url,) = [each for each in told["data"] if each["type"] == "URL"]
    assert (url["threshold"], url["action"], url["cloud"], url["example"][:3]) == (0.9, "keep", "mask", "See")
    assert "url" in url["recognizers"]


async def test_what_cannot_be_checked_in_time_is_refused(tmp_path: Path) -> None:
    async with appliance(tmp_path, Twin(), privacy=Privacy(deadline_seconds=1e-9)) as running:
        status, told = await post(running, ANONYMIZE, {"text": MAIL})
    assert (status, told["error"]["code"]) == (503, "privacy_unavailable")


async def test_both_are_described(twin_appliance: Running) -> None:
    async with openai.DefaultAsyncHttpxClient() as client:
        paths = (await client.get(twin_appliance.url + "/openapi.json")).json()["paths"]
        page = (await client.get(twin_appliance.url + "/docs")).text
    assert TYPES in paths and TYPES in page
    for path in (SCAN, ANONYMIZE, EXPLAIN):
        schema = paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema["properties"].keys() == {"text", "texts"}
        assert path in page and "<code>texts</code>" in page
