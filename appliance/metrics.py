"""Every Prometheus series. Labels come from closed sets or from configuration, never from callers."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from appliance import enginefigures
from appliance.gpus import FIGURES, Figure
from appliance.gpus.watch import Snapshot, last
from appliance.settings import Settings

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


def metrics_folder(settings: Settings) -> Path:
    """Where the processes of one appliance put their series together."""
    return settings.paths.var / "run" / "metrics"


class Metrics:
    """The series of one process. With `shared`, a folder, the processes of one appliance are summed when read."""

    def __init__(self, *, shared: str | None = None) -> None:
        self.shared = shared
        if shared:
            pid = os.getpid()  # else the library asks the kernel at every increment
            values.ValueClass = values.MultiProcessValue(lambda: pid)  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._models: dict[str, ModelMetrics] = {}
        self.requests = self._counter(
            "requests", "Requests answered, by endpoint and HTTP status.", "endpoint", "status"
        )
        self.seconds = self._histogram(
            "request_seconds", "Time from the first byte of a request to the last byte of its answer.", "endpoint"
        )
        self.first_token = self._histogram(
            "time_to_first_token_seconds",
            "Time from the first byte of a streaming request to the first byte of its answer.",
            "model",
        )
        self.in_flight = self._gauge("requests_in_flight", "Requests that are being answered now.")
        self.tokens = self._counter("tokens", "Tokens by model and kind: prompt or completion.", "model", "kind")
        self.money = self._counter(
            "money_micro_units", "What the tokens cost by the configured prices, in micro-units.", "model"
        )
        self.masked = self._counter("masked", "Values that were kept from engines, by type.", "type")
        self.unkept = self._counter("unkept", "Values that could not be kept for later requests.")
        self.leaks = self._counter(
            "leaks", "Values that engines told and callers were not: masked, or where answers were stopped.", "type"
        )
        self.refusals = self._counter("refusals", "Requests that Ringfence itself turned away, by error code.", "code")
        self.disconnects = self._counter(
            "disconnects", "Requests whose client went away, or took no bytes for too long."
        )
        self.engine_ready = self._gauge(
            "engine_ready",
            "1 while the engine can produce a token; the lowest of all workers' views.",
            "engine",
            over_processes="livemin",
        )
        self.engine_in_flight = self._gauge(
            "engine_requests_in_flight", "Requests that Ringfence has open at the engine.", "engine"
        )
        self.engine_waiting = self._gauge(
            "engine_requests_waiting", "Requests that wait for an engine that is being swapped.", "engine"
        )
        self.held = self._counter("requests_held", "Requests that had to wait for an engine to come up.", "engine")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"ringfence_{name}_total", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"ringfence_{name}", text, labels, registry=self.registry, buckets=SECONDS)

    def _gauge(
        self, name: str, text: str, *labels: str, over_processes: Literal["livesum", "livemin"] = "livesum"
    ) -> Gauge:
        return Gauge(f"ringfence_{name}", text, labels, registry=self.registry, multiprocess_mode=over_processes)

    def endpoint(self, name: str) -> Callable[[int, float], None]:
        """Counts and times the answers of one endpoint; its label lookups are done once."""
        by_status: dict[int, Counter] = {}
        seconds = self.seconds.labels(name)

        def seen(status: int, elapsed: float) -> None:
            counter = by_status.get(status)
            if counter is None:
                counter = by_status[status] = self.requests.labels(name, str(status))
            counter.inc()
            seconds.observe(elapsed)

        return seen

    def model(self, name: str) -> "ModelMetrics":
        """The series of one model. Only names that an engine serves may come here."""
        found = self._models.get(name)
        if found is None:
            found = self._models[name] = ModelMetrics(self, name)
        return found

    def render(self) -> bytes:
        """The exposition text of the whole appliance."""
        return render(self.shared) if self.shared else generate_latest(self.registry)


class ModelMetrics:
    """The children of one model, looked up once."""

    def __init__(self, metrics: Metrics, name: str) -> None:
        self._prompt = metrics.tokens.labels(name, "prompt")
        self._completion = metrics.tokens.labels(name, "completion")
        self._money = metrics.money.labels(name)
        self.first_token = metrics.first_token.labels(name)

    def used(self, prompt_tokens: int, completion_tokens: int, money: int) -> None:
        self._prompt.inc(prompt_tokens)
        self._completion.inc(completion_tokens)
        if money:
            self._money.inc(money)


class GpuCollector(Collector):
    """The GPUs of this machine, as the supervisor read them last; nothing where there are none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        snapshot = last(self._folder)
        if snapshot is None:
            return
        info = GaugeMetricFamily("ringfence_gpu_info", "1 for each GPU.", labels=("gpu", "uuid", "name"))
        for device in snapshot.devices:
            info.add_metric((str(device.index), device.uuid, device.name), 1)
        yield info
        yield from (family for figure in FIGURES if (family := _family(figure, snapshot)).samples)


def _family(figure: Figure, snapshot: Snapshot) -> Metric:
    kind = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
    family = kind(
        f"ringfence_gpu_{figure.name}", figure.text, labels=("gpu", figure.label) if figure.label else ("gpu",)
    )
    for index, sample in snapshot.samples:
        if sample.figure == figure.name:
            gpu = "unknown" if index is None else str(index)
            family.add_metric((gpu, sample.label) if figure.label else (gpu,), sample.value)
    return family


class EngineCollector(Collector):
    """The engines that run here, as the supervisor said last; nothing where it said nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        figures = enginefigures.read(self._folder)
        if not figures:
            return
        states = GaugeMetricFamily(
            "ringfence_engine_state", "1 for the state of each engine that runs here.", labels=("engine", "state")
        )
        started = GaugeMetricFamily(
            "ringfence_engine_start_seconds", "What its last start took, until it served.", labels=("engine",)
        )
        restarts = CounterMetricFamily(
            "ringfence_engine_restarts", "Starts after it had ended by itself, or hung.", labels=("engine",)
        )
        swaps = CounterMetricFamily(
            "ringfence_engine_swaps", "Swaps by outcome: done, refused.", labels=("engine", "outcome")
        )
        for each in figures:
            states.add_metric((each.engine, each.state), 1)
            restarts.add_metric((each.engine,), each.restarts)
            if each.start_seconds is not None:
                started.add_metric((each.engine,), each.start_seconds)
            for outcome, number in each.swaps.items():
                swaps.add_metric((each.engine, outcome), number)
        yield from (states, started, restarts, swaps)


def render(shared: str) -> bytes:
    """The sum of all processes that write to the folder, the GPUs, and the engines that run here."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=shared)  # type: ignore[no-untyped-call]
    registry.register(GpuCollector(Path(shared)))
    registry.register(EngineCollector(Path(shared)))
    return generate_latest(registry)


def forget(shared: str, pid: int) -> None:
    """Drops the live gauges of a process that has ended."""
    multiprocess.mark_process_dead(pid, path=shared)  # type: ignore[no-untyped-call]
