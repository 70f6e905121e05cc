"""`python -m crack ...`."""

from __future__ import annotations

import os
import signal
import sys


def _run() -> int:
    # Importing takes a second or two, and no work has begun, so Ctrl-C may end the
    # process at once. As an exception it could be caught, or replaced, inside an
    # import.
    interrupt = signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    try:
        from crack.cli import main
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("crack"):
            raise
        sys.exit(
            f"crack: This Python lacks the package '{error.name}'. Use that of the "
            "environment: .venv/bin/python -m crack (README.md says how to make it)."
        )

    signal.signal(signal.SIGINT, interrupt)
    # On SIGTERM, as at a shutdown of the system, a command still cleans up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    from crack.runs import claim

    claim.take()
    return main()


sys.exit(_run())
