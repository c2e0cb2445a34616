from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from appliance.metrics import Metrics

# Each of these has a bound: the API's routes, HTTP, the error tree, the settings. `le` are a histogram's steps.
LABELS = {"type", "endpoint", "status", "code", "kind", "model", "engine", "le"}


def exercised() -> Metrics:
    """Every series with a value."""
    metrics = Metrics()
    metrics.endpoint("/v1/chat/completions")(200, 0.2)
    metrics.model("m").used(3, 4, 5)
    metrics.model("m").first_token.observe(0.1)
    metrics.in_flight.set(1)
    metrics.refusals.labels("engine_unavailable").inc()
    metrics.masked.labels("EMAIL_ADDRESS").inc()
    metrics.leaks.labels("EMAIL_ADDRESS").inc()
    metrics.disconnects.inc()
    metrics.engine_ready.labels("gpu").set(1)
    metrics.engine_in_flight.labels("gpu").set(2)
    metrics.engine_waiting.labels("gpu").set(3)
    metrics.held.labels("gpu").inc()
    metrics.masked.labels("EMAIL_ADDRESS").inc()
    metrics.leaks.labels("EMAIL_ADDRESS").inc()
    return metrics


def samples(metrics: Metrics) -> Iterator[tuple[str, dict[str, str], float]]:
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    found = [value for each, of, value in samples(metrics) if (each, of) == (f"ringfence_{name}", labels)]
    assert len(found) <= 1
    return found[0] if found else None


def test_every_series_is_explained_and_has_a_value():
    families = list(text_string_to_metric_families(exercised().render().decode()))
    assert len(families) >= 10
    for family in families:
        assert family.name.startswith("ringfence_")
        assert len(family.documentation.split()) >= 4, family.name
        assert family.documentation.endswith("."), family.name
        assert family.samples, family.name


def test_labels_come_from_a_bounded_set():
    assert {label for _, labels, _ in samples(exercised()) for label in labels} <= LABELS


def test_an_endpoint_counts_by_status_and_times():
    metrics = Metrics()
    seen = metrics.endpoint("/v1/embeddings")
    for status, seconds in ((200, 0.2), (200, 0.3), (429, 0.001)):
        seen(status, seconds)
    assert value(metrics, "requests_total", endpoint="/v1/embeddings", status="200") == 2
    assert value(metrics, "requests_total", endpoint="/v1/embeddings", status="429") == 1
    assert value(metrics, "request_seconds_count", endpoint="/v1/embeddings") == 3
    assert value(metrics, "request_seconds_bucket", endpoint="/v1/embeddings", le="0.25") == 2


def test_a_models_use_adds_up():
    metrics = Metrics()
    metrics.model("m").used(3, 4, 0)
    assert value(metrics, "money_micro_units_total", model="m") == 0
    metrics.model("m").used(30, 40, 5)
    metrics.model("other").used(1, 1, 1)
    assert value(metrics, "tokens_total", model="m", kind="prompt") == 33
    assert value(metrics, "tokens_total", model="m", kind="completion") == 44
    assert value(metrics, "money_micro_units_total", model="m") == 5


def test_two_appliances_in_one_process_share_nothing():
    one, other = exercised(), Metrics()
    assert value(one, "disconnects_total") == 1
    assert value(other, "disconnects_total") == 0
