"""What a newcomer meets: the printed welcome, the embedder, the second start."""

import re
import subprocess
import sys
import textwrap
import time

import numpy as np
import openai
import pytest

from tests.acceptance.product import CHAT_MODEL, EMBEDDING_MODEL, Appliance, clean_environment
from tests.peers.cache import Tell


def test_the_printed_curl_works_as_printed(starter: Appliance) -> None:
    [command] = re.findall(r"^  (curl .*?'\{.*\}')$", starter.terminal.read_text(), re.MULTILINE | re.DOTALL)
    done = run("bash", "-c", f"{command} --silent --show-error --fail-with-body")
    assert '"object":"chat.completion"' in done and '"role":"assistant"' in done


def test_the_printed_python_works_as_printed(starter: Appliance) -> None:
    printed = starter.terminal.read_text()
    snippet = printed.partition("package:\n\n")[2].partition("\n\n")[0]
    assert "from openai import OpenAI" in snippet
    assert run(sys.executable, "-c", textwrap.dedent(snippet)).strip()


def run(*command: str) -> str:
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_printed_address_has_the_documentation(starter: Appliance) -> None:
    [address] = re.findall(r"Documentation: (\S+)", starter.terminal.read_text())
    assert address == f"{starter.url}/docs"
    assert starter.get("/docs")[0] == 200


def test_embeddings_are_the_same_as_floats_and_base64(starter: Appliance) -> None:
    texts = ["my router is broken", "the modem does not work", "bake a cake"]
    with starter.client() as client:
        packed = client.embeddings.create(model=EMBEDDING_MODEL, input=texts)  # base64, which the client asks for
        floats = client.embeddings.create(model=EMBEDDING_MODEL, input=texts, encoding_format="float")
    vectors = np.array([each.embedding for each in packed.data])
    assert vectors.shape == (3, 384)
    assert np.allclose(vectors, [each.embedding for each in floats.data], atol=1e-6)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    near = vectors @ vectors[0]
    assert near[1] > near[2] + 0.2, "what means the same is near"
    assert packed.usage.prompt_tokens > 10


async def test_the_asynchronous_client_embeds(starter: Appliance) -> None:
    async with starter.async_client() as client:
        answer = await client.embeddings.create(model=EMBEDDING_MODEL, input="x")
    assert len(answer.data[0].embedding) == 384


def test_a_model_does_what_it_is_for(starter: Appliance) -> None:
    with starter.client() as client:
        with pytest.raises(openai.NotFoundError) as refused:
            client.embeddings.create(model=CHAT_MODEL, input="x")
        assert refused.value.code == "model_not_found"
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model=EMBEDDING_MODEL, messages=[{"role": "user", "content": "x"}])
        with pytest.raises(openai.BadRequestError) as long:
            client.embeddings.create(model=EMBEDDING_MODEL, input="word " * 2000)
        assert long.value.code == "context_length_exceeded"


def test_secrets_are_ours_alone_and_nowhere_printed(starter: Appliance) -> None:
    for secret in ("admin.key", "identity.pepper", "audit.key", "engine.key"):
        file = starter.var / secret
        assert file.stat().st_mode & 0o077 == 0
        text = file.read_bytes().strip()
        assert text not in starter.terminal.read_bytes() and text not in starter.log.read_bytes()
    shown = starter.command("config", "show").stdout
    assert starter.key not in shown


def test_what_is_there_already_stays(starter: Appliance, tell: Tell) -> None:
    key, begun = starter.key, time.monotonic()
    said = starter.command("init")
    tell(f"second init: {time.monotonic() - begun:.1f} s")
    assert starter.key == key
    assert "fetching" not in said.stdout + said.stderr
