import ast
import shlex
from pathlib import Path

import pytest

from api import welcome
from appliance.settings import EngineSettings, Paths, Settings

VLLM = EngineSettings(name="big", kind="vllm", models=("llama-3.3-70b",), urls=("http://10.0.0.5:8000",))
EMBEDDER = EngineSettings(name="small", kind="llamacpp", weights="all-minilm-l6-v2", embeds=True)
FILE = EngineSettings(name="file", kind="llamacpp", weights="/srv/models/mistral.Q4.gguf")


def shown(*engines: EngineSettings, var: Path = Path("/srv/var")) -> str:
    return welcome.text(Settings(engines=engines, paths=Paths(var=var)), ("127.0.0.1", 8080))


def test_the_command_is_one_that_a_shell_understands() -> None:
    command = shown(VLLM).partition("another terminal:\n")[2].partition("From Python")[0]
    words = shlex.split(command)
    assert words[:2] == ["curl", "http://127.0.0.1:8080/v1/chat/completions"]
    assert "Authorization: Bearer $(cat /srv/var/admin.key)" in words
    assert '"model": "llama-3.3-70b"' in words[-1]


def test_the_snippet_is_five_lines_of_python() -> None:
    snippet = shown(VLLM, var=Path("/srv/it's here")).partition("package:\n\n")[2].partition("\n\nDocumentation")[0]
    lines = [line.strip() for line in snippet.splitlines()]
    assert len(lines) == 5
    ast.parse("\n".join(lines))


@pytest.mark.parametrize(
    ("engines", "model"), [((EMBEDDER, FILE), "mistral.Q4"), ((VLLM, FILE), "llama-3.3-70b"), ((EMBEDDER,), "MODEL")]
)
def test_it_names_a_model_that_writes(engines: tuple[EngineSettings, ...], model: str) -> None:
    assert f'model="{model}"' in shown(*engines)


def test_an_ipv6_address_is_bracketed() -> None:
    assert "http://[::1]:8080/v1" in welcome.text(Settings(), ("::1", 8080))
