"""Log lines on stderr, each with the id of what it belongs to.

That is the run in a process that trains, and one run of a page in the dashboard. With
`CRACK_LOG=json` a line is a JSON object, otherwise text.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

_VARIABLE = "CRACK_LOG"
_NONE = "-"
_current: ContextVar[str] = ContextVar("log_id", default=_NONE)


def identify(log_id: str) -> None:
    """Give the lines from here on an id, in this thread."""
    _current.set(log_id)


def new_id() -> str:
    """Return an id for a run of a page, short enough to be read out."""
    return secrets.token_hex(4)


def current_id() -> str:
    """Return the id that lines of this thread have now."""
    return _current.get()


def set_up() -> None:
    """Send the lines of this program to stderr, and warnings of others."""
    handler = _StderrHandler()
    handler.setFormatter(_formatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("crack").setLevel(logging.INFO)


def adopt(prefix: str) -> None:
    """Give the lines of another program the same form.

    Args:
        prefix: Of the names of its loggers, which have handlers of their own.
    """
    for name in list(logging.root.manager.loggerDict):
        if name == prefix or name.startswith(f"{prefix}."):
            for handler in logging.getLogger(name).handlers:
                handler.setFormatter(_formatter())


def _formatter() -> logging.Formatter:
    return _Json() if os.environ.get(_VARIABLE) == "json" else _Text()


class _StderrHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to stderr as it is at that moment, which a test may have replaced."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        self.stream = sys.stderr
        super().emit(record)


class _Text(logging.Formatter):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(log_id)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the traceback below it if there is one."""
        record.log_id = _current.get()
        return super().format(record)


class _Json(logging.Formatter):
    """A line for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON object, the traceback within it."""
        content = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "id": _current.get(),
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            content["error"] = self.formatException(record.exc_info)
        return json.dumps(content)
