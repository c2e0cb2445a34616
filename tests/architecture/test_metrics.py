"""Series are defined in one module, with help and with labels that cannot grow without bound."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.metrics import MetricWrapperBase

from appliance.gpus import FIGURES
from appliance.metrics import Metrics
from tests.architecture.source import ROOT

# Each label and what bounds it. A tenant, a user, a key, a path or a request id bounds nothing.
BOUNDED_BY = {
    "endpoint": "the routes of the API",
    "status": "HTTP",
    "code": "the error tree",
    "kind": "prompt, completion; errors that NVML counts",
    "model": "models that a configured engine serves",
    "engine": "engines in the settings",
    "type": "the catalogue of privacy, and recognizers in the settings",
    "program": "programs that hold memory of a GPU now",
    "clock": "sm, memory",
    "reason": "NVML",
    "severity": "corrected, uncorrected",
    "direction": "transmit, receive",
    "state": "up, down; states of an engine",
    "outcome": "done, refused",
    "action": "NVML",
    "xid": "NVIDIA's list of codes",
}


def series(owner: object) -> list[MetricWrapperBase]:
    return [each for each in vars(owner).values() if isinstance(each, MetricWrapperBase)]


def wrong(found: Iterable[MetricWrapperBase]) -> Iterator[str]:
    for each in found:
        if not each._documentation.endswith("."):
            yield f"{each._name}: its help is not a sentence"
        if not each._name.startswith("ringfence_"):
            yield f"{each._name}: its name does not begin with ringfence_"
        for label in set(each._labelnames) - BOUNDED_BY.keys():
            yield f"{each._name}: nothing bounds the label {label}"


def test_every_series_has_help_a_name_of_ours_and_bounded_labels():
    found = series(Metrics())
    assert len(found) >= 10
    assert list(wrong(found)) == []


def test_so_have_those_of_gpus():
    names = [figure.name for figure in FIGURES]
    assert len(names) == len(set(names)) >= 20
    assert [figure.name for figure in FIGURES if not figure.text.endswith(".")] == []
    assert {figure.label for figure in FIGURES if figure.label} <= BOUNDED_BY.keys()

    page = (ROOT / "docs/reference/metrics.md").read_text()
    assert [figure.name for figure in FIGURES if f"| `ringfence_gpu_{figure.name}" not in page] == []


def test_a_breach_is_seen():
    stray = Counter("requests", "Requests", ("tenant",), registry=CollectorRegistry())
    assert len(list(wrong([stray]))) == 3
