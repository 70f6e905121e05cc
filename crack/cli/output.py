"""What the commands print: tables and JSON on stdout, progress on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any, TextIO, cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from crack import storage
from crack.data.dataset import Progress as Report
from crack.disk_space import check_file_writable
from crack.errors import CrackError
from crack.reporting.metric_titles import Score

NAME_HELP = "of the model, as `models list` shows it"
JSON_HELP = "print the result as JSON"
PROGRESS_HELP = "keep activity, done and total in this file, as JSON"

_NO_LIMIT = 10_000  # characters
_FOLDED = 10  # characters of a line of text that is folded, at least
_GAP = 2  # characters between columns
_PAUSE = 0.2  # seconds between two writings


def print_json(content: Any) -> None:
    """Print a value as indented JSON."""
    print(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, each value as text.

    A row is one line, as wide as it must be. Only if the table fits into the terminal
    with its long text folded, that is done; numbers and headings are never torn.
    """
    # As Text: brackets in a file name are no markup.
    cells = [[Text(str(value)) for value in row] for row in rows]
    table = Table(box=None, header_style="bold", pad_edge=False)
    narrowest = 0
    for index, column in enumerate(columns):
        width = max((line[index].cell_len for line in cells), default=0)
        whole = width <= max(len(column), _FOLDED)
        table.add_column(column, overflow="fold", no_wrap=whole)
        narrowest += max(len(column), min(width, _FOLDED)) + _GAP
    for line in cells:
        table.add_row(*line)
    # A file or a pipe has no width.
    fits = sys.stdout.isatty() and narrowest - _GAP <= Console().width
    Console(width=None if fits else _NO_LIMIT).print(table)


@contextmanager
def own_stdout() -> Iterator[None]:
    """Tell what goes wrong with stdout from what goes wrong in the workspace.

    Raises:
        CrackError: Something that was printed meanwhile cannot be written.
        BrokenPipeError: Nobody reads it any more.
    """
    stdout = sys.stdout
    if stdout is None:
        raise CrackError("Stdout is closed.", "Send it to a file, or to /dev/null.")
    checked = _Stdout(stdout)
    try:
        with redirect_stdout(cast("TextIO", checked)):
            try:
                yield
            finally:
                checked.flush()
    except (_OutputError, BrokenPipeError):
        with suppress(OSError):
            stdout.close()  # or Python tries again as it ends, and complains
        raise


class _OutputError(CrackError):
    """What was printed cannot be written."""


class _Stdout:
    """Stdout, whose errors say that they are about it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with _about_stdout():
            return self._stream.write(text)

    def flush(self) -> None:
        with _about_stdout():
            self._stream.flush()


@contextmanager
def _about_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _OutputError(
            f"The output cannot be written: {error.strerror}.",
            "Check the place that it is sent to and the space left there.",
        ) from error


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Yield a function that moves a bar on stderr; silent unless it is a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        # Rich redirects what is printed meanwhile to stderr, which is right only if
        # both are the same terminal.
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task("", total=None)

        def report(activity: str, done: int, total: int) -> None:
            bar.update(task, description=activity, completed=done, total=total)

        yield report


@contextmanager
def progress_shown(file: Path | None) -> Iterator[Report]:
    """Yield a function that moves the bar and keeps a file up to date.

    Args:
        file: Gets activity, done and total as JSON; None for the bar alone.

    Raises:
        CrackError: The file may not be written.
    """
    if file:
        check_file_writable(file, "the progress file")
    with progress_bar() as show:
        written = 0.0

        def report(activity: str, done: int, total: int) -> None:
            nonlocal written
            show(activity, done, total)
            if file and (time.monotonic() - written > _PAUSE or done == total):
                written = time.monotonic()
                content = {"activity": activity, "done": done, "total": total}
                storage.write_json(file, content)

        yield report


@contextmanager
def told() -> Iterator[None]:
    """Print an expected error on stderr and go on."""
    try:
        yield
    except CrackError as error:
        print(f"crack: {error}", file=sys.stderr)


def percent_or_dash(share: float | None) -> str:
    """Return a share as text, a dash if there is none."""
    return "-" if share is None else f"{100 * share:.2f} %"


def score_or_dash(score: Score, value: float | None) -> str:
    """Return a metric as text, a dash where there is none."""
    if value is None or score.in_percent:
        return percent_or_dash(value)
    return f"{value:.4f}"
