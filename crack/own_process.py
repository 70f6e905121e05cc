"""A process of this program that prints its answers, and ends with who listens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from crack import settings
from crack.access import for_process

KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "1000000000",
}
"""Variables of a process that works on one picture after the other.

By default glibc returns the memory of every large array to the system, which has to
clear it before it is used again: a sixth of the time, or more.
"""


@contextmanager
def own_process(
    module: str,
    arguments: Sequence[str],
    variables: Mapping[str, str] | None = None,
    *,
    asked: bool = False,
) -> Iterator[subprocess.Popen[str]]:
    """Run a module of this program; yield the process, to read what it prints.

    Args:
        module: Its full name.
        arguments: Of the module.
        variables: Of the environment, besides those of this process.
        asked: Whether it reads what is written to it.
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
        stdin=subprocess.PIPE if asked else subprocess.DEVNULL,
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
            if process.stdin:
                with suppress(OSError):  # it did not read all of it
                    process.stdin.close()


def print_answers(answers: Iterable[str]) -> None:
    """Print each answer as a line, as soon as it is there: what such a process does.

    Args:
        answers: Without line breaks.
    """
    try:
        for answer in answers:
            sys.stdout.write(f"{answer}\n")
            sys.stdout.flush()
    except BrokenPipeError:
        # The program that asked was killed. A normal exit would print once more.
        os._exit(1)
