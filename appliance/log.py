"""Structured logs: one line for each event, with the request it belongs to, never with content or keys.

Anything given as `extra={...}` becomes a field of the line. What a request said belongs in no log call.
"""

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

from appliance import settings

request_id: ContextVar[str] = ContextVar("request_id", default="")

SECRETS = re.compile(
    r"""(authorization[\\'"]*\s*[:=,]\s*(?:b?[\\'"]+)?)[^\\'",}\n]+"""
    r"""|\b(bearer\s+|basic\s+|rf_)[\w.~+/=-]{6,}""",
    re.IGNORECASE,
)
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}
COLOURS = {
    "DEBUG": "\x1b[2m",
    "INFO": "\x1b[32m",
    "WARNING": "\x1b[33m",
    "ERROR": "\x1b[31m",
    "CRITICAL": "\x1b[31m",
}
PLAIN = "\x1b[0m"
# Libraries whose lines at `info` say nothing to an operator, or come once for each request.
CHATTY = ("uvicorn", "uvicorn.error", "uvicorn.access", "sqlalchemy", "alembic", "asyncio", "gguf")


def start(chosen: settings.Log, process: str, stream: TextIO | None = None) -> None:
    """Sends every logger of this process through one handler."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(chosen.format, process, stream.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(chosen.level.upper())
    for name in CHATTY:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(max(root.level, logging.WARNING) if chosen.level != "debug" else logging.INFO)
    logging.captureWarnings(True)


def redact(text: str) -> str:
    """The last line of defence: keys and credentials leave no trace even when somebody logs them."""
    return SECRETS.sub(_keep_label, text)


class JsonLines(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["request_id"] = current
        line.update(_fields(record))
        if trace := _trace(self, record):
            line["trace"] = trace
        return redact(json.dumps(line, ensure_ascii=False, default=str))


class ConsoleLines(logging.Formatter):
    def __init__(self, process: str, coloured: bool) -> None:
        super().__init__()
        self.process = process
        self.coloured = coloured

    def format(self, record: logging.LogRecord) -> str:
        level = record.levelname.lower().ljust(7)
        if self.coloured:
            level = f"{COLOURS.get(record.levelname, '')}{level}{PLAIN}"
        moment = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S.%f")[:-3]
        fields = _fields(record)
        if current := request_id.get():
            fields["request_id"] = current
        tail = "".join(f" {name}={value}" for name, value in fields.items())
        trace = _trace(self, record)
        text = f"{moment} {level} {self.process}: {record.getMessage()}{tail}"
        return redact(f"{text}\n{trace}" if trace else text)


def _formatter(chosen: str, process: str, terminal: bool) -> logging.Formatter:
    if chosen == "json" or (chosen == "auto" and not terminal):
        return JsonLines(process)
    return ConsoleLines(process, coloured=terminal)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    return _wordless(record.exc_info[1]) if request_id.get() else formatter.formatException(record.exc_info)


def _wordless(error: BaseException) -> str:
    """Where it broke, and what broke there. What it says is left out: it may quote the request that runs."""
    parts = []
    cause: BaseException | None = error
    while cause is not None:
        parts.append(f"{''.join(traceback.format_tb(cause.__traceback__))}{type(cause).__qualname__}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\nwhile or because of this:\n".join(reversed(parts))


def _keep_label(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}…"
