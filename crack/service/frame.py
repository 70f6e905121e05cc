"""What surrounds every request: its id, a line in the log, and the last way out."""

from __future__ import annotations

import logging
import time

from fastapi import Request
from prometheus_client import Counter
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crack import logs
from crack.errors import CrackError
from crack.service.problems import Refused, response_of
from crack.service.slots import busy

_log = logging.getLogger(__name__)

_REQUESTS = Counter("crack_requests", "Requests to the service.", ["route", "status"])
_MOST_AT_ONCE = 200  # requests; each may hold a photo on the disk
_FREE = "/live"
_GONE = 499  # what nginx logs where nobody waits for an answer any more


class Frame:
    """An application within this frame.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        logs.identify(logs.new_id())
        began, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._at_once += 1
        try:
            await self._answered(scope, receive, noting)
        except ClientDisconnect:
            status = _GONE
        except Exception:  # noqa: BLE001 - the last way out: no traceback leaves
            _log.exception("something unexpected happened")
            if not status:
                await response_of(_unexpected())(scope, receive, noting)
        finally:
            self._at_once -= 1
            _note(scope, status, time.perf_counter() - began)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._at_once > _MOST_AT_ONCE and scope["path"] != _FREE:
            await response_of(busy())(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _note(scope: Scope, status: int, seconds: float) -> None:
    """Log and count a request, without what was in its address."""
    route = getattr(scope.get("route"), "path", "an unknown address")
    caller = getattr(Request(scope).state, "caller", "somebody")
    _REQUESTS.labels(route, str(status)).inc()
    if route == "/live":
        return
    _log.info(
        "%s %s by %s: %d in %.2f s", scope["method"], route, caller, status, seconds
    )


def _unexpected() -> Refused:
    return Refused(
        500,
        CrackError(
            f"Something unexpected happened ({logs.current_id()}).",
            "Whoever runs the service finds it in the log under that id.",
        ),
    )
