"""A process of this program that prints its answers, and ends with who listens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from crack import settings
from crack.access import for_process


@contextmanager
def own_process(
    module: str, arguments: Sequence[str], variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a module of this program; yield the process, to read what it prints.

    Args:
        module: Its full name.
        arguments: Of the module.
        variables: Of the environment, besides those of this process.
    """
    # Safe: a module of this program is run, without a shell.
    with subprocess.Popen(  # nosec B603
        [sys.executable, "-m", module, *arguments],
        cwd=settings.PROJECT,
        env={
            **os.environ,
            **for_process(),
            # Absolute: the process has another working directory.
            "CRACK_HOME": str(settings.home()),
            **(variables or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        # Ctrl-C is for us; we end it.
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait()  # after Ctrl-C, leaving Popen waits a quarter second at most
