"""Who watches a server may ask it here: `/live`, `/ready` and `/metrics`.

A port of its own, which answers this computer alone: visitors of the dashboard, and
the proxy in front of it, cannot reach it.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import REGISTRY, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crack.operations.checks import run_checks
from crack.runs.listing import list_runs
from crack.runs.run import RunStatus

_HOST = "127.0.0.1"
_TEXT, _JSON = "text/plain; charset=utf-8", "application/json"

_log = logging.getLogger(__name__)
_metrics = make_wsgi_app()

Answer = Iterable[bytes]


def serve(port: int, sessions: Callable[[], int]) -> WSGIServer:
    """Answer on a port of this computer, in threads that end with the process.

    Args:
        port: Its number, 0 for any that is free.
        sessions: Returns how many browser tabs are connected.

    Returns:
        The server, at work.

    Raises:
        OSError: The port is in use.
    """
    server = make_server(
        _HOST, port, _answer, server_class=_Server, handler_class=_Handler
    )
    REGISTRY.register(Workspace(sessions))
    threading.Thread(target=server.serve_forever, name="monitor", daemon=True).start()
    return server


class _Server(ThreadingMixIn, WSGIServer):
    """A slow check does not hold up the question whether the process is alive."""

    daemon_threads = True


class _Handler(WSGIRequestHandler):
    """Logs nothing of each request; they come every few seconds."""

    def log_message(self, *_: object) -> None:
        """Drop it."""


def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Answer:
    path = environ["PATH_INFO"]
    if path == "/metrics":
        found: Answer = _metrics(environ, start_response)
        return found
    if path == "/ready":
        return _ready(start_response)
    if path == "/live":
        start_response("200 OK", [("Content-Type", _TEXT)])
        return [b"alive\n"]
    start_response("404 Not Found", [("Content-Type", _TEXT)])
    return [b"There are /live, /ready and /metrics.\n"]


def _ready(start_response: Callable[..., Any]) -> Answer:
    well, found = readiness()
    status = "200 OK" if well else "503 Service Unavailable"
    start_response(status, [("Content-Type", _JSON)])
    return [found]


def readiness() -> tuple[bool, bytes]:
    """Return whether all is well, and what was found as JSON."""
    checks = run_checks()
    for check in checks:
        if not check.passed:
            _log.warning("not ready: %s", check.said)
    found = json.dumps([asdict(check) for check in checks], indent=2).encode()
    return all(check.passed for check in checks), found


class Workspace(Collector):
    """What the run folders say, read when it is asked for.

    Workers are processes of their own, and may have been started by another server.

    Args:
        sessions: As of `serve`; None where there are no browser tabs to count.
    """

    def __init__(self, sessions: Callable[[], int] | None = None) -> None:
        self._sessions = sessions

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Return nothing: so nothing is read when this is registered."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the runs by status, and the browser tabs."""
        runs = GaugeMetricFamily("crack_runs", "Runs by status.", labels=["status"])
        found = [run.status for run in list_runs()]
        for status in RunStatus:
            runs.add_metric([status], found.count(status))
        yield runs
        if self._sessions is not None:
            yield GaugeMetricFamily(
                "crack_sessions", "Browser tabs that are connected.", self._sessions()
            )
