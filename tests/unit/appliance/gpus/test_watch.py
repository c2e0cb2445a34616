import logging
import threading
import time
from pathlib import Path

import msgspec
import pytest

from appliance.gpus import Device, Fault, Sample
from appliance.gpus.twin import Twin
from appliance.gpus.watch import FILE, MOST_FAULTS, STALE_SECONDS, Snapshot, Watch, last, watching

DEVICE = Device(index=0, uuid="GPU-1", name="NVIDIA H200", total=100, free=40, samples=(Sample("power_watts", 300),))


def seen(folder: Path) -> Snapshot:
    until = time.monotonic() + 10
    while (snapshot := last(folder)) is None:
        assert time.monotonic() < until
        time.sleep(0.005)
    return snapshot


def test_what_it_reads_is_seen_by_others(tmp_path: Path):
    with watching(tmp_path, lambda: Twin([DEVICE])):
        assert seen(tmp_path).devices == (DEVICE,)


def test_faults_are_counted_by_gpu_and_code(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    twin = Twin([DEVICE], [Fault(0, 79), Fault(0, 79), Fault(None, 48)])
    watch = Watch(lambda: twin, tmp_path / FILE, every_seconds=0.01)
    with caplog.at_level(logging.ERROR):
        runner = threading.Thread(target=watch.run)
        runner.start()
        until = time.monotonic() + 10
        while twin.faults or not seen(tmp_path).faults:
            assert time.monotonic() < until
        watch.stop()
        runner.join()
    assert sorted(seen(tmp_path).samples, key=str) == [
        (0, Sample("power_watts", 300)),
        (0, Sample("xid_errors", 2, "79")),
        (None, Sample("xid_errors", 1, "48")),
    ]
    assert "GPU ? reports XID 48" in caplog.text
    assert twin.closed


def test_a_flood_of_faults_does_not_keep_it_from_reading(tmp_path: Path):
    class Flooding(Twin):
        def wait(self, seconds: float) -> Fault | None:
            return Fault(0, 13)

    with watching(tmp_path, lambda: Flooding([DEVICE])):
        until = time.monotonic() + 10
        while not (counts := seen(tmp_path).faults) or counts[0][1] < 3 * MOST_FAULTS:
            assert time.monotonic() < until


def test_a_driver_that_hangs_holds_up_nobody_and_its_figures_go(tmp_path: Path):
    hangs, let_go = threading.Event(), threading.Event()

    class Hanging(Twin):
        def wait(self, seconds: float) -> Fault | None:
            hangs.set()
            let_go.wait(30)
            return None

    begun = time.monotonic()
    with watching(tmp_path, lambda: Hanging([DEVICE])):
        assert hangs.wait(10)
    assert time.monotonic() - begun < 10
    snapshot = seen(tmp_path)
    old = Snapshot(snapshot.at - STALE_SECONDS - 1, snapshot.devices)
    (tmp_path / FILE).write_bytes(msgspec.json.encode(old))
    assert last(tmp_path) is None
    let_go.set()


def test_without_gpus_there_is_nothing_and_what_was_left_is_gone(tmp_path: Path):
    (tmp_path / FILE).write_bytes(msgspec.json.encode(Snapshot(time.monotonic(), (DEVICE,))))
    with watching(tmp_path, lambda: None):
        assert last(tmp_path) is None


@pytest.mark.parametrize("at", [-STALE_SECONDS - 1, 60])
def test_figures_of_another_time_are_not_shown(tmp_path: Path, at: float):
    (tmp_path / FILE).write_bytes(msgspec.json.encode(Snapshot(time.monotonic() + at, (DEVICE,))))
    assert last(tmp_path) is None


def test_a_damaged_file_is_as_none(tmp_path: Path):
    (tmp_path / FILE).write_text('{"at": 1')
    assert last(tmp_path) is None


def test_a_disk_that_is_full_is_told_and_lived_with(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    watch = Watch(lambda: Twin([DEVICE]), tmp_path / "gone" / FILE, every_seconds=0.01)
    runner = threading.Thread(target=watch.run)
    runner.start()
    until = time.monotonic() + 10
    while caplog.text.count("cannot be kept") < 2:
        assert time.monotonic() < until
        time.sleep(0.005)
    assert runner.is_alive()
    watch.stop()
    runner.join()
