from pathlib import Path

from appliance import enginefigures
from appliance.enginefigures import EngineFigures
from appliance.metrics import render
from tests.architecture.source import ROOT

CHAT = EngineFigures(engine="chat", state="serving", restarts=2, start_seconds=41.5, swaps={"done": 3, "refused": 1})


def test_what_the_supervisor_said_is_shown_by_everybody(tmp_path: Path) -> None:
    enginefigures.write(tmp_path, (CHAT, EngineFigures(engine="embedder", state="failed")))
    text = render(str(tmp_path)).decode()
    for line in (
        'ringfence_engine_state{engine="chat",state="serving"} 1.0',
        'ringfence_engine_state{engine="embedder",state="failed"} 1.0',
        'ringfence_engine_restarts_total{engine="chat"} 2.0',
        'ringfence_engine_start_seconds{engine="chat"} 41.5',
        'ringfence_engine_swaps_total{engine="chat",outcome="done"} 3.0',
        'ringfence_engine_swaps_total{engine="chat",outcome="refused"} 1.0',
    ):
        assert line in text
    assert 'start_seconds{engine="embedder"}' not in text, "absent, never zero"


def test_without_a_supervisor_there_are_none(tmp_path: Path) -> None:
    assert "engine_state" not in render(str(tmp_path)).decode()
    (tmp_path / "engines.json").write_text("{")
    assert "engine_state" not in render(str(tmp_path)).decode()


def test_each_stands_in_the_reference() -> None:
    page = (ROOT / "docs/reference/metrics.md").read_text()
    for name in ("state", "start_seconds", "restarts_total", "swaps_total"):
        assert f"| `ringfence_engine_{name}` |" in page
