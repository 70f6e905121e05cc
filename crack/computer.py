"""Which computer this is, where several use one workspace."""

from __future__ import annotations

import socket
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def host() -> str:
    """Return the name of this computer, or of this container; no two may share it."""
    return socket.gethostname()


@cache
def machine() -> str:
    """Return what names the processors and the memory that processes here share.

    Containers are hosts of their own, on one machine.
    """
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:  # not Linux
        return host()
