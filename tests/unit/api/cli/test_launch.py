import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main

PRINT = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"


def ask(tmp_path: Path, *arguments: str) -> Result:
    (tmp_path / "ringfence.toml").write_text(f'[paths]\nvar = "{tmp_path}/va r"\n')
    return CliRunner().invoke(main, ["--config", str(tmp_path / "ringfence.toml"), "models", "command", *arguments])


def run(script: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """With a program in vLLM's place that prints its arguments and environment."""
    told = script.replace("vllm serve", shlex.join([sys.executable, "-c", PRINT]), 1)
    return subprocess.run(["sh", "-c", told], capture_output=True, text=True, check=False, env=environment)


def test_a_shell_starts_what_is_printed(tmp_path: Path):
    shown = ask(tmp_path, "llama-3.1-8b-instruct", "/srv/my models/llama", "--gpus", "2xl40s", "--context", "32k")
    assert shown.exit_code == 0
    ran = run(shown.stdout, {"VLLM_API_KEY": "sesame $x", "PATH": "/usr/bin:/bin"})
    argv, environment = json.loads(ran.stdout)
    assert argv[0] == "/srv/my models/llama"
    assert argv[argv.index("--data-parallel-size") + 1] == "2"
    assert argv[argv.index("--max-model-len") + 1] == "32768"
    assert argv[argv.index("--override-generation-config") + 1] == '{"temperature": 0.6, "top_p": 0.9}'
    assert environment["VLLM_API_KEY"] == "sesame $x"
    assert environment["VLLM_CACHE_ROOT"] == f"{tmp_path}/va r/vllm"
    assert environment["CUDA_VISIBLE_DEVICES"] == "0,1"


def test_without_a_key_nothing_starts(tmp_path: Path):
    shown = ask(tmp_path, "llama-3.2-1b-instruct", "/srv/llama", "--gpus", "l4")
    ran = run(shown.stdout, {"PATH": "/usr/bin:/bin"})
    assert ran.returncode != 0
    assert "VLLM_API_KEY: set it to the key that Ringfence knows" in ran.stderr


def test_the_precision_is_that_of_the_weights(tmp_path: Path):
    small = ask(tmp_path, "llama-3.1-8b-instruct", "/srv/llama", "--gpus", "l4", "--precision", "fp8")
    assert small.exit_code == 0
    none = ask(tmp_path, "bge-m3", "/srv/bge", "--gpus", "l4", "--precision", "fp8")
    assert none.exit_code == 1
    assert "bge-m3 has no build in fp8. Choose one of: bf16." in str(none.exception) + none.output


def test_what_does_not_fit_is_not_printed(tmp_path: Path):
    shown = ask(tmp_path, "llama-3.3-70b-instruct", "/srv/llama", "--gpus", "l4")
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert "llama-3.3-70b-instruct does not fit" in str(shown.exception) + shown.output


@pytest.mark.parametrize(("file", "is_mistrals"), [("tekken.json", True), ("tokenizer.json", False)])
def test_a_build_without_mistrals_tokenizer_is_told_by_its_folder(tmp_path: Path, file: str, is_mistrals: bool):
    (tmp_path / file).touch()
    words = shlex.split(ask(tmp_path, "mistral-7b-instruct-v0.3", str(tmp_path), "--gpus", "l40s").stdout)
    assert ("--tokenizer-mode" in words) == is_mistrals
    assert ("--chat-template" in words) != is_mistrals


def test_the_key_is_on_nobodys_command_line(tmp_path: Path):
    script = ask(tmp_path, "llama-3.2-1b-instruct", "/srv/llama", "--gpus", "l4").stdout
    assert script.index("VLLM_API_KEY=") < script.index("vllm serve")
    assert not script.startswith("env")
