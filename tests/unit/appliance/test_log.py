import io
import json
import logging

import pytest

from appliance import log, settings
from tests.logging_state import logging_restored

__all__ = ["logging_restored"]

MAIL = "jane@customer.example"
KEY = "rf_7Yk2aQ9x_0123456789abcdefghijklmnopqrstuv"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(chosen: settings.Log, stream: io.StringIO) -> list[str]:
    log.start(chosen, "worker-1", stream)
    logging.getLogger("test").info("engine answered", extra={"engine": "starter", "tokens": 3})
    return stream.getvalue().splitlines()


@pytest.mark.usefixtures("logging_restored")
def test_a_line_is_json_where_nobody_watches() -> None:
    token = log.request_id.set("req_1")
    (line,) = lines(settings.Log(), io.StringIO())
    log.request_id.reset(token)
    event = json.loads(line)
    assert event.pop("time").endswith("+00:00")
    assert event == {
        "level": "info",
        "process": "worker-1",
        "logger": "test",
        "message": "engine answered",
        "request_id": "req_1",
        "engine": "starter",
        "tokens": 3,
    }


@pytest.mark.usefixtures("logging_restored")
def test_colours_only_on_a_terminal() -> None:
    (shown,) = lines(settings.Log(), Terminal())
    (kept,) = lines(settings.Log(format="console"), io.StringIO())
    assert "\x1b[32m" in shown
    assert "\x1b" not in kept
    assert kept.endswith("worker-1: engine answered engine=starter tokens=3")


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("form", ["json", "console"])
def test_an_exception_comes_with_its_trace_and_without_keys(form: str) -> None:
    stream = io.StringIO()
    log.start(settings.Log(format=form), "worker-1", stream)  # type: ignore[arg-type]
    try:
        raise ValueError(f"refused {KEY}")
    except ValueError:
        logging.getLogger("test").exception("it broke")
    assert "ValueError: refused rf_…" in stream.getvalue()


@pytest.mark.usefixtures("logging_restored")
@pytest.mark.parametrize("form", ["json", "console"])
def test_an_exception_within_a_request_quotes_nothing(form: str) -> None:
    stream = io.StringIO()
    log.start(settings.Log(format=form), "worker-1", stream)  # type: ignore[arg-type]
    token = log.request_id.set("req_1")
    try:
        try:
            raise KeyError(MAIL)
        except KeyError as error:
            raise ValueError(f"cannot read {MAIL}") from error
    except ValueError:
        logging.getLogger("test").exception("it broke")
    finally:
        log.request_id.reset(token)
    written = stream.getvalue()
    assert MAIL not in written
    assert written.index("KeyError") < written.index("ValueError")
    assert "test_log.py" in written


@pytest.mark.usefixtures("logging_restored")
def test_libraries_speak_only_of_trouble() -> None:
    stream = io.StringIO()
    log.start(settings.Log(), "worker-1", stream)
    logging.getLogger("uvicorn.access").info("GET /")
    logging.getLogger("sqlalchemy.engine").info("SELECT")
    assert stream.getvalue() == ""
    logging.getLogger("sqlalchemy.pool").warning("odd")
    assert json.loads(stream.getvalue())["message"] == "odd"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (f"key {KEY} was used", "key rf_… was used"),
        (f'{{"Authorization": "Bearer {KEY}"}}', '{"Authorization": "…"}'),
        (r"{\"Authorization\": \"Bearer abcdefgh\"}", r"{\"Authorization\": \"…\"}"),
        ("authorization: Bearer eyJhbGciOi.eyJpc3Mi.c2ln", "authorization: …"),
        ("(b'authorization', b'token 12345'), 3", "(b'authorization', b'…'), 3"),
        ("sent Bearer eyJhbGciOi.eyJpc3Mi.c2ln on", "sent Bearer … on"),
        ("authorization failed for this key", "authorization failed for this key"),
        ("Basic dXNlcjpwYXNz and on", "Basic … and on"),
        ("performance of the bearer", "performance of the bearer"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_redact(written: str, kept: str) -> None:
    assert log.redact(written) == kept
