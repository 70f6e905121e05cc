"""Processes that draw: `python -m crack.synthetic.sample_workers`, one per core.

Not `multiprocessing` or `concurrent.futures`: in the dashboard their children would
begin by running `streamlit_app.py`. Not loky (in joblib) either: when the program is
killed, its children stay behind; and it replaces a process, with a warning, whenever
the memory of one has grown by 300 MB, which a single large photo does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from crack.errors import CrackError
from crack.own_process import KEEP_MEMORY, own_process, print_answers
from crack.synthetic.sample_files import Scene, write_patches, write_scene

_MOST = 3  # processes; drawing a large photo takes each of them 0.8 GB

Order = int | Scene
"""The number of a photo to be cut into patches, or a scene."""

Answer = dict[str, list[str]]
"""Stems of the patches written, by class; empty for a scene."""


@contextmanager
def answers(
    folder: Path, orders: Sequence[Order], count: int | None = None
) -> Iterator[Iterator[Answer]]:
    """Start processes that draw, and end them with the `with` block.

    Each process draws every `count`-th order, whether or not its answers are read.

    Args:
        folder: Gets the files.
        orders: What to draw.
        count: Of processes, by default as many as there are cores.

    Yields:
        An iterator of the answers in the order of the orders. It raises a CrackError
        if a process has stopped.
    """
    count = count or min(_MOST, os.cpu_count() or 1)
    with ExitStack() as stack:
        processes = [
            stack.enter_context(_process(folder, orders[first::count]))
            for first in range(count)
        ]
        yield (_next_answer(processes[n % count]) for n in range(len(orders)))


def _process(
    folder: Path, orders: Sequence[Order]
) -> AbstractContextManager[subprocess.Popen[str]]:
    words = [order if isinstance(order, int) else asdict(order) for order in orders]
    return own_process(__name__, [str(folder), json.dumps(words)], KEEP_MEMORY)


def _next_answer(process: subprocess.Popen[str]) -> Answer:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise CrackError(
            "A process that draws the sample photos stopped unexpectedly.",
            "Look at the terminal for the reason. If memory or disk space is "
            "short, free some, then try again.",
        )
    answer: Answer = json.loads(line)
    return answer


def carry_out(folder: Path, order: Order) -> Answer:
    """Draw one photo and save its files in `folder`."""
    if isinstance(order, int):
        return write_patches(folder, order)
    write_scene(folder, order)
    return {}


def _main(folder: str, words: str) -> None:
    """Draw all orders, and print a line of JSON for each."""
    orders = (w if isinstance(w, int) else Scene(**w) for w in json.loads(words))
    print_answers(json.dumps(carry_out(Path(folder), order)) for order in orders)


if __name__ == "__main__":
    _main(*sys.argv[1:])
