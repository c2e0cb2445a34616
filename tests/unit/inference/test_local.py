import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from inference.local import engine_key, secret_file, socket_path


def test_a_socket_s_path_is_short_enough_and_differs_by_name_and_place(tmp_path: Path):
    places = [tmp_path, tmp_path / ("d" * 90), tmp_path / ("e" * 90)]
    paths = [socket_path(name, place) for name in ("a", "b", "n" * 200) for place in places]
    assert all(len(os.fsencode(path)) <= 100 for path in paths)
    assert len(set(paths)) == 9
    assert socket_path("a", tmp_path).is_relative_to(tmp_path)


def test_a_key_is_the_same_for_all_who_ask_and_differs_by_engine(tmp_path: Path):
    file = secret_file(tmp_path / "new")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: engine_key(file, "a"), range(64)))
    assert len(keys) == 1
    assert engine_key(file, "b") not in keys
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["engine.key"]
