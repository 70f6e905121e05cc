"""Processes that draw: `python -m crack.synthetic.sample_files`, one per core.

Not `multiprocessing`: its children begin by importing the main module again, which in
the dashboard is Streamlit's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Any

from crack import settings
from crack.errors import CrackError

_MOST = 3  # processes; drawing a large photo takes each of them 0.8 GB

# On Linux freed memory would go back to the system after every array, and come again
# as zeroes: a sixth of the time.
_KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "1000000000",
}

Order = dict[str, Any]
"""Arguments of a function in `crack.synthetic.sample_files`."""

Answer = dict[str, list[str]]
"""Files written, by class; nothing for a scene."""


class DrawingWorkers:
    """Some processes that take orders; they end with the `with` block.

    Args:
        count: Of processes, by default as many as there are cores.
    """

    def __init__(self, count: int | None = None) -> None:
        self._count = count or min(_MOST, os.cpu_count() or 1)
        self._processes: list[subprocess.Popen[str]] = []
        self._idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
        self._threads = ThreadPoolExecutor(self._count)

    def __enter__(self) -> DrawingWorkers:
        for _ in range(self._count):
            process = subprocess.Popen(
                [sys.executable, "-m", "crack.synthetic.sample_files"],
                cwd=settings.PROJECT,
                env={**os.environ, **_KEEP_MEMORY},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                # Ctrl-C is for us; we end them. If we are killed, their input ends.
                start_new_session=True,
            )
            self._processes.append(process)
            self._idle.put(process)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Those still drawing draw what is not wanted any more.
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.communicate()  # closes the pipes and reaps it

    def answers(self, orders: Iterable[Order]) -> Iterator[Answer]:
        """Yield the answer to each order, in order; a few are worked on ahead.

        Raises:
            CrackError: A process ended before its time.
        """
        ahead: deque[Future[Answer]] = deque()
        try:
            for order in orders:
                ahead.append(self._threads.submit(self._carry_out, order))
                if len(ahead) > self._count:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

    def _carry_out(self, order: Order) -> Answer:
        process = self._idle.get()
        try:
            answer = _ask(process, json.dumps(order))
        finally:
            self._idle.put(process)
        if not answer:
            raise CrackError(
                "A process that draws the sample photos ended before its time.",
                "Look at the terminal for the reason. If memory or disk space is "
                "short, free some, then try again.",
            )
        written: Answer = json.loads(answer)
        return written


def _ask(process: subprocess.Popen[str], line: str) -> str:
    """Return the line that a process answers, "" if it is gone."""
    if process.stdin is None or process.stdout is None:  # never: both are pipes
        return ""
    try:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    except OSError:
        return ""
    return process.stdout.readline()
