"""The page at /privacy in a real browser: its policy lets its script run, and the script shows what it should."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from appliance.settings import Privacy, PrivacyPolicy
from inference.twin import Twin
from tests.integration.api.conftest import appliance
from tests.peers.chromium import browsing
from tests.peers.missing import PeerMissing

MAIL = "jane.doe@customer.example"
SCRIPT = """
(async () => {
  const at = id => document.getElementById(id);
  const until = async done => { while (!done()) await new Promise(next => setTimeout(next, 20)); };
  const press = form => at(form).querySelector("button").click();
  at("key").value = "rf_wrong";
  press("open");
  await until(() => at("status").className === "bad");
  const refused = at("status").textContent, hidden = at("shown").hidden;
  at("key").value = KEY;
  press("open");
  await until(() => !at("shown").hidden);
  at("words").value = "imei";
  at("words").dispatchEvent(new Event("input"));
  at("text").value = TEXT;
  press("try");
  await until(() => !at("result").hidden);
  return {
    refused, hidden, key: at("key").value, policy: at("policy").innerText,
    types: [...at("types").rows].filter(each => !each.hidden).map(each => each.cells[0].textContent),
    marked: [...at("marked").querySelectorAll("mark")].map(each => each.textContent),
    sends: Object.fromEntries([...at("sends").children].map(each => [...each.children].map(one => one.textContent))),
    kept: localStorage.length + sessionStorage.length + document.cookie.length,
    wide: document.documentElement.scrollWidth > innerWidth,
    loaded: performance.getEntriesByType("resource").map(each => new URL(each.name).pathname),
  };
})()
"""


def seen(url: str, key: str, text: str, profile: Path) -> Any:
    with browsing(profile) as page:
        page.open(f"{url}/privacy")
        return page.run(SCRIPT.replace("KEY", json.dumps(key)).replace("TEXT", json.dumps(text)))


async def test_the_page_shows_types_policy_and_what_is_sent(tmp_path: Path) -> None:
    policy = PrivacyPolicy(types={"IP_ADDRESS": "keep"}, cloud="refuse")
    text = f"😀 <b>{MAIL}</b> from 198.51.100.77"
    async with appliance(tmp_path, Twin(), privacy=Privacy(policy=policy)) as running:
        try:
            shown = await asyncio.to_thread(seen, running.url, running.key, text, tmp_path / "profile")
        except PeerMissing as missing:
            pytest.skip(str(missing))
    assert shown["refused"].startswith("The credential is not valid.") and shown["hidden"]
    assert "Engines in a cloud\nrefuse" in shown["policy"]
    assert "IMEI" in shown["types"] and "URL" not in shown["types"]
    assert shown["marked"] == [f"{MAIL}EMAIL_ADDRESS", "198.51.100.77IP_ADDRESS"]
    assert shown["sends"]["Now, on site"].startswith("😀 <b><EMAIL_ADDRESS_")
    assert shown["sends"]["Now, in a cloud"] == "Nothing: the request is refused."
    assert shown["sends"]["If all of it were kept"] == text
    assert (shown["key"], shown["kept"], shown["wide"]) == ("", 0, False)
    assert set(shown["loaded"]) == {"/v1/privacy/types", "/v1/privacy/explain"}
