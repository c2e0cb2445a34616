import subprocess
import sys
from pathlib import Path

from appliance.settings import EngineSettings, LaunchSettings, Paths, Settings
from inference.discovery import Discovery
from inference.engines import open_engines, open_post, open_room, open_sources
from inference.following import Follower
from inference.roster import Post

LAUNCHED = EngineSettings(name="chat", kind="vllm", models=("m",), launch=LaunchSettings(model="tiny"), hold_requests=7)
FOUND = EngineSettings(name="d", kind="vllm", discover="https://servers:8000")
STATIC = EngineSettings(name="s", kind="vllm", urls=("http://a", "http://b"))


def test_each_kind_of_engine_has_its_own_way() -> None:
    settings = Settings(engines=(LAUNCHED, FOUND, STATIC))
    assert [engine.name for engine in open_engines(settings)] == ["s-1", "s-2"]
    assert [type(source) for source in open_sources(settings, "w")] == [Follower, Discovery]


def test_where_engines_stay_nothing_is_followed_or_imported() -> None:
    assert open_sources(Settings(engines=(STATIC,)), "w") == []
    late = "inference.following", "inference.discovery", "inference.control", "inference.supervise"
    code = f"import sys, api.worker; print([each for each in {late} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_post_is_of_its_engine(tmp_path: Path) -> None:
    settings = Settings(paths=Paths(var=tmp_path))
    post = Post(id="chat.3", engine="chat", names=("m",), socket="/x", embeds=True)
    opened = open_post(LAUNCHED, post, settings.paths.var)
    assert (opened.name, opened.group, opened.place) == ("chat.3", "chat", "on_site")


async def test_each_engine_has_a_room_of_its_own_size() -> None:
    room = open_room(Settings(engines=(LAUNCHED, STATIC)), lambda _: None)
    for engine, size in (("chat", 7), ("s", STATIC.hold_requests)):
        assert room._bounds[engine].requests == size
