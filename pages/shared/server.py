"""What a server does once, when its first page is opened."""

from __future__ import annotations

import logging
import os
import threading
from functools import cache

from streamlit.runtime import get_instance
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY, GaugeStat

from crack import logs
from crack.operations.start_up import clear_remains

_PORT = "CRACK_METRICS_PORT"
_log = logging.getLogger("crack.pages")
_beginning = threading.Lock()


def begin_server() -> None:
    """Set up the log, clear what killed processes left, and answer who watches."""
    with _beginning:  # for several tabs that are opened at once
        _begin()


@cache
def _begin() -> None:
    logs.set_up()
    for program in ("streamlit", "uvicorn"):
        logs.adopt(program)
    clear_remains()
    port = os.environ.get(_PORT)
    if port:
        _watch(port)


def _watch(port: str) -> None:
    from crack.operations import monitor  # a second, which nobody else waits for

    try:
        monitor.serve(int(port), _sessions)
    except (ValueError, OverflowError, OSError) as error:
        # The pages work without it.
        _log.error("%s=%s cannot be used: %s", _PORT, port, error)
    else:
        _log.info("metrics are on http://127.0.0.1:%s/metrics", port)


def _sessions() -> int:
    """Return how many browser tabs are connected."""
    families = get_instance().stats_mgr.get_stats([ACTIVE_SESSIONS_FAMILY])
    stats = families.get(ACTIVE_SESSIONS_FAMILY, ())
    return sum(stat.value for stat in stats if isinstance(stat, GaugeStat))
