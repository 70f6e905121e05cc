"""What the commands print: tables and JSON on stdout, progress on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from crack.data.dataset import Progress as Report


def print_json(content: Any) -> None:
    """Print a value as indented JSON."""
    print(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, each value as text."""
    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*(str(value) for value in row))
    Console(soft_wrap=True).print(table)


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Yield a function that moves a bar on stderr, silent unless that is a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)

        def report(activity: str, done: int, total: int) -> None:
            bar.update(task, description=activity, completed=done, total=total)

        yield report


def percent(share: float | None) -> str:
    """Return a share as text, a dash where there is none."""
    return "-" if share is None else f"{share:.2%}"
