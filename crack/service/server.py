"""The service as a server."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import uvicorn

from crack import logs
from crack.errors import CrackError
from crack.service.app import make_app
from crack.service.callers import check_host

_GRACE = 30  # seconds for answers that are under way
_BACKLOG = 256  # connections that wait to be taken

_log = logging.getLogger(__name__)


def run(host: str, port: int, model: str | None, tokens: Path | None) -> None:
    """Answer until told to end.

    Args:
        host: Address to answer at.
        port: Its number.
        model: As of `make_app`, as is the next one.
        tokens: File of tokens.

    Raises:
        CrackError: Other computers could call without tokens, or the address cannot be
            used.
    """
    check_host(host, tokens)
    logs.set_up()
    config = uvicorn.Config(
        make_app(model, tokens),
        log_config=None,
        access_log=False,  # the application writes its own, without names of photos
        server_header=False,
        proxy_headers=False,  # nobody is trusted for the address they come from
        timeout_graceful_shutdown=_GRACE,
    )
    with _bound(host, port) as bound:
        name = f"[{host}]" if ":" in host else host
        _log.info("answering at http://%s:%d", name, bound.getsockname()[1])
        uvicorn.Server(config).run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        raise CrackError(
            f"The service cannot answer at {host}, port {port}: {error}.",
            "Choose another --port, or end what uses it.",
        ) from error
