"""`python -m crack ...`."""

from __future__ import annotations

import os
import signal
import sys


def _run() -> int:
    # Importing takes a second or two, and nothing is begun yet. An exception could come
    # out of an import as another one.
    interrupt = signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    from crack.cli import main

    signal.signal(signal.SIGINT, interrupt)
    # Told to end, as by a system that shuts down, a command still clears up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    return main()


sys.exit(_run())
