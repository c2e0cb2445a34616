"""`ringfence privacy` on the real patterns, with processes of its own where there is enough to do."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from appliance.db import Database
from appliance.keyring import open_keyring
from appliance.privacy.kept import Conversation, Kept
from appliance.privacy.placeholder import Reach, Secret
from appliance.settings import Paths, Settings
from tests.integration.api.cli.commands import Ringfence

MAIL = "jane.doe@customer.example"
TEXT = f"Write to {MAIL} about 10.1.2.3"
SETTINGS = """\
[privacy]
names = "off"
deny = { "Project Heron" = "SECRET_PROJECT" }

[privacy.thresholds]
EMAIL_ADDRESS = 0.25

[privacy.policy.types]
IP_ADDRESS = "generalise"

[privacy.tenants.north.policy]
mode = "refuse"

[privacy.tenants.south.policy]
mode = "pass"
"""


@pytest.fixture
def ringfence(tmp_path: Path) -> Ringfence:
    return Ringfence(tmp_path, SETTINGS)


def told(ringfence: Ringfence, text: str | bytes, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(ringfence.file), "privacy", *arguments], input=text)


def explained(ringfence: Ringfence, text: str, *arguments: str) -> Any:
    done = told(ringfence, text, "explain", "--json", *arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def lines(done: Result) -> list[Any]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_json_lines_become_spans_in_characters(ringfence: Ringfence) -> None:
    given = [{"id": "a", "text": f"Grüße, 😀: {MAIL}"}, {"id": 2, "text": "nothing here"}]
    first, second = lines(told(ringfence, "\n\n".join(map(json.dumps, given)), "scan"))
    assert (first["id"], second) == ("a", {"id": 2, "spans": []})
    (span,) = first["spans"]
    assert span.keys() == {"start", "end", "type", "score", "recognizer"}
    assert (given[0]["text"][span["start"] : span["end"]], span["type"]) == (MAIL, "EMAIL_ADDRESS")  # type: ignore[index]


def test_a_file_is_a_text_with_its_name_as_id(ringfence: Ringfence, tmp_path: Path) -> None:
    text, records = tmp_path / "mail.txt", tmp_path / "mails.jsonl"
    text.write_bytes(f"one\r\n{MAIL}".encode())
    records.write_text(json.dumps({"id": "r", "text": MAIL}))
    found = lines(told(ringfence, "", "scan", str(text), str(records)))
    assert [(each["id"], each["spans"][0]["start"]) for each in found] == [(str(text), 5), ("r", 0)]
    (named,) = lines(told(ringfence, "", "scan", "--jsonl", str(records)))
    assert named["id"] == "r"


@pytest.mark.parametrize("processes", ["1", "2"])
def test_many_texts_come_out_in_their_order(ringfence: Ringfence, processes: str) -> None:
    texts = ["x" * (number % 7 * 500) + f" user{number}@customer.example" for number in range(1_500)]
    given = "\n".join(json.dumps({"id": number, "text": text}) for number, text in enumerate(texts))
    found = lines(told(ringfence, given, "scan", "--processes", processes))
    assert [each["id"] for each in found] == list(range(1_500))
    for text, each in zip(texts, found, strict=True):
        assert [text[span["start"] : span["end"]] for span in each["spans"]] == [text.split()[-1]]


@pytest.mark.parametrize(
    ("given", "arguments", "said"),
    [
        (f'{{"id": 1, "text": "{MAIL}"}}\nno JSON', [], "standard input, line 2: JSON is malformed"),
        (f'{{"id": 1, "body": "{MAIL}"}}', [], 'Write each line as {"id": "1", "text": "..."}'),
        ("", ["nowhere.txt"], "There is no file nowhere.txt. Correct its name"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(
    ringfence: Ringfence, given: str, arguments: list[str], said: str
) -> None:
    refused = told(ringfence, given, "scan", *arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("error: ") and said in refused.stderr
    assert MAIL not in refused.stderr


def test_a_file_that_is_not_utf_8_is_refused(ringfence: Ringfence, tmp_path: Path) -> None:
    file = tmp_path / "latin.txt"
    file.write_bytes("Grüße".encode("latin-1"))
    refused = told(ringfence, "", "scan", str(file))
    assert refused.exit_code == 1
    assert refused.stderr == f"error: {file} is not UTF-8 at byte 2. Convert it, as with `iconv -t UTF-8`.\n"


def test_a_small_scan_needs_no_appliance_and_leaves_nothing(ringfence: Ringfence) -> None:
    lines(told(ringfence, json.dumps({"id": 1, "text": TEXT}), "scan"))
    assert not ringfence.var.exists()


def test_explain_shows_what_each_policy_sends(ringfence: Ringfence) -> None:
    ringfence("init")
    explanation = explained(ringfence, f"{TEXT}\n")
    mail, address = explanation["spans"]
    assert (mail["text"], mail["type"], mail["action"]) == (MAIL, "EMAIL_ADDRESS", "mask")
    assert (address["text"], address["action"]) == ("10.1.2.3", "generalise")
    sends = explanation["sends"]
    assert sends["now"].startswith("Write to <EMAIL_ADDRESS_") and sends["now"].endswith("> about 10.1.2.0/24")
    assert sends["cloud"] == sends["now"]
    assert sends["mask"].startswith("Write to <EMAIL_ADDRESS_") and " about <IP_ADDRESS_" in sends["mask"]
    assert (sends["keep"], sends["drop"], sends["refuse"]) == (TEXT, "Write to  about ", None)
    assert sends["generalise"] == "Write to @customer.example about 10.1.2.0/24"


def test_explain_uses_the_keys_of_the_appliance(ringfence: Ringfence) -> None:
    assert explained(ringfence, TEXT)["sends"]["mask"] != explained(ringfence, TEXT)["sends"]["mask"]
    ringfence("init")
    mine = explained(ringfence, TEXT)["sends"]["mask"]
    assert mine == explained(ringfence, TEXT)["sends"]["mask"]
    assert mine != explained(ringfence, TEXT, "--tenant", "south")["sends"]["mask"]


def test_explain_follows_the_tenant(ringfence: Ringfence) -> None:
    north, south = (explained(ringfence, TEXT, "--tenant", name) for name in ("north", "south"))
    assert (north["spans"][0]["action"], north["sends"]["now"]) == ("refuse", None)
    assert (south["spans"][0]["action"], south["sends"]["now"]) == ("keep", TEXT)
    clean = explained(ringfence, "nothing here", "--tenant", "north")
    assert clean["spans"] == [] and set(clean["sends"].values()) == {"nothing here"}


def test_explain_is_readable(ringfence: Ringfence) -> None:
    ringfence("init")
    shown = told(ringfence, TEXT, "explain").stdout
    assert shown.splitlines()[0].split() == ["TYPE", "SCORE", "RECOGNIZER", "ACTION", "TEXT"]
    assert "refuse:\n  (the request is refused)" in shown
    assert "Nothing was found." in told(ringfence, "hello", "explain").stdout


def test_types_are_listed_with_what_happens_to_them(ringfence: Ringfence) -> None:
    rows = {row["type"]: row for row in ringfence.rows("privacy", "types")}
    assert (rows["EMAIL_ADDRESS"]["threshold"], rows["EMAIL_ADDRESS"]["action"]) == (0.25, "mask")
    assert rows["IP_ADDRESS"]["action"] == "generalise"
    assert rows["SECRET_PROJECT"]["text"] == "your own"
    actions = {
        name: {row["action"] for row in ringfence.rows("privacy", "types", "--tenant", name)}
        for name in ("north", "south")
    }
    assert actions == {"north": {"refuse"}, "south": {"keep"}}
    assert {row["cloud"] for row in ringfence.rows("privacy", "types", "--tenant", "south")} == {"mask"}


async def kept(var: Path) -> None:
    """Something to forget."""
    database = Database(f"sqlite+aiosqlite:///{var}/ringfence.db")
    store = Kept(database, open_keyring(Settings(paths=Paths(var=var))).privacy, 30)
    of = Conversation("default", ("user", "agent"), "s1", "customer-7")
    await store.save(of, [Secret("EMAIL_ADDRESS", "C9745D", MAIL, Reach.ANYWHERE)])
    await database.close()


def test_a_customer_is_forgotten_once(tmp_path: Path) -> None:
    ringfence = Ringfence(tmp_path)
    ringfence("init")
    asyncio.run(kept(ringfence.var))
    forget = "privacy", "forget", "--subject", "customer-7"
    assert ringfence(*forget, "--tenant", "north") == "Nothing is kept of this subject of north.\n"
    assert ringfence(*forget) == "Erased: 1 values of 1 conversations of default.\n"
    assert ringfence(*forget) == "Nothing is kept of this subject of default.\n"
    entries = [json.loads(line) for line in ringfence("audit", "export").splitlines()]
    assert [each["action"] for each in entries] == ["privacy_forget"] * 3
    assert "customer-7" not in json.dumps(entries)
    assert "as it was written" in ringfence("audit", "verify")
