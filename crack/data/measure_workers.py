"""Who measures the images: processes, `python -m crack.data.measure_workers`.

In threads, small images wait for one another: much of the time that one takes is spent
in Python, which runs one thread at a time. A few images are measured in threads all the
same, as processes would only just have begun.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath
from queue import SimpleQueue

import numpy as np

from crack.data.measure import Measured, measure
from crack.data.signature import SIDE
from crack.errors import CrackError
from crack.own_process import KEEP_MEMORY, own_process, print_answers

File = tuple[PurePosixPath, str]
"""An image within the folder of the class folders, and its class."""

_AT_ONCE = 64  # files measured before it is told: telling takes time too
_TELLS = 256  # times at least, or after each of few files, which may be large
_MANY = 500  # files that are worth processes
_MOST = 8  # at a time; each holds a whole picture, of up to 1.25 GB, in memory

# The products are too small to be shared out among threads.
_VARIABLES = {**KEEP_MEMORY, "OPENBLAS_NUM_THREADS": "1"}

_Answers = list[Measured | CrackError]


@contextmanager
def measured(
    root: Path, files: Sequence[File]
) -> Iterator[Iterator[Measured | CrackError]]:
    """Begin to measure images; what has begun ends with the `with` block.

    Args:
        root: Folder of the class folders.
        files: To be measured.

    Yields:
        An iterator of what `measure` says of each file, in their order. It raises a
        CrackError if a process has stopped.
    """
    at_once = min(_AT_ONCE, max(1, len(files) // _TELLS))
    batches = [files[at : at + at_once] for at in range(0, len(files), at_once)]
    count = min(_MOST, os.cpu_count() or 1)
    with ExitStack() as stack:
        pool = ThreadPoolExecutor(count)
        # A user who stops the import must not wait until the other files are read.
        stack.callback(pool.shutdown, cancel_futures=True)
        ask: Callable[[Sequence[File]], _Answers] = partial(_measure_all, root)
        if len(files) >= _MANY:
            idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
            for _ in range(count):
                process = own_process(__name__, [str(root)], _VARIABLES, asked=True)
                idle.put(stack.enter_context(process))
            ask = partial(_ask, idle)
        yield chain.from_iterable(pool.map(ask, batches))


def _measure_all(root: Path, files: Sequence[File]) -> _Answers:
    return [measure(root, *file) for file in files]


def _ask(idle: SimpleQueue[subprocess.Popen[str]], files: Sequence[File]) -> _Answers:
    """Have a process measure files."""
    process = idle.get()
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([(str(f), name) for f, name in files]) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except OSError:  # it has ended
        line = ""
    finally:
        idle.put(process)
    if not line:
        raise CrackError(
            "A process that reads the images stopped unexpectedly.",
            "Look at the terminal for the reason. If memory is short, close other "
            "programs, then try again.",
        )
    return _from_words(line)


def _in_words(answers: _Answers) -> str:
    """Return answers as a line of text; of an error, what is listed in the dataset."""
    rows = [a.message if isinstance(a, CrackError) else a[0] for a in answers]
    signatures = [a[1].tobytes() for a in answers if not isinstance(a, CrackError)]
    return json.dumps([rows, base64.b64encode(b"".join(signatures)).decode()])


def _from_words(line: str) -> _Answers:
    rows, coded = json.loads(line)
    signatures = iter(
        np.frombuffer(base64.b64decode(coded), np.float16).reshape(-1, SIDE * SIDE)
    )
    return [
        CrackError(row) if isinstance(row, str) else (row, next(signatures))
        for row in rows
    ]


def _main(root: str) -> None:
    """Measure the files of each line, until nobody asks any more."""
    asked = ([(PurePosixPath(f), name) for f, name in json.loads(n)] for n in sys.stdin)
    print_answers(_in_words(_measure_all(Path(root), files)) for files in asked)


if __name__ == "__main__":
    _main(*sys.argv[1:])
