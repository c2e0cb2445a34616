"""GPUs that are not there, for tests and for trying dashboards."""

from collections import deque
from collections.abc import Iterable, Sequence

from appliance.gpus.figures import Device, Fault


class Twin:
    def __init__(self, devices: Sequence[Device] = (), faults: Iterable[Fault] = ()) -> None:
        self.devices = devices
        self.faults = deque(faults)
        self.closed = False

    def read(self) -> Sequence[Device]:
        return self.devices

    def wait(self, seconds: float) -> Fault | None:
        return self.faults.popleft() if self.faults else None

    def close(self) -> None:
        self.closed = True
