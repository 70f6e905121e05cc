"""The table that `benchmarks.adaptation` prints."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Told(NamedTuple):
    """Shares: of cracks answered "crack", of sound ones so, of all left for review."""

    found: float
    false_alarms: float
    review: float


class Row(NamedTuple):
    """The numbers of one adaptation."""

    photos: float
    tested: float
    before: float
    after: float
    told_before: Told
    told_after: Told
    old: list[float]
    worse: str
    setting: tuple[float, float]
    seconds: float


def print_head() -> None:
    """Print the head of the table."""
    print(
        "| adapted to | images | of photos | tested on | AUROC before | after | "
        "found / false alarms / review, before | after | "
        "AUROC of old sources, mean change | worst | refused | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")


def print_row(title: str, each: int, rows: Sequence[Row]) -> None:
    """Print the medians of several adaptations to so many images of each class."""
    changes = [statistics.mean(row.old) for row in rows]
    cells = [
        title,
        f"{each} + {each}",
        _median((row.photos for row in rows), ".0f"),
        _median((row.tested for row in rows), ".0f"),
        _median((row.before for row in rows), ".4f"),
        _median((row.after for row in rows), ".4f"),
        _answers([row.told_before for row in rows]),
        _answers([row.told_after for row in rows]),
        _median(iter(changes), "+.4f"),
        f"{min(min(row.old) for row in rows):+.4f}",
        f"{sum(bool(row.worse) for row in rows)} of {len(rows)}",
        _median((row.seconds for row in rows), ".0f"),
    ]
    print(f"| {' | '.join(cells)} |", flush=True)


def _answers(told: Sequence[Told]) -> str:
    shares = [statistics.median(column) for column in zip(*told, strict=True)]
    return " / ".join(f"{share:.1%}" for share in shares)


def _median(values: Iterator[float], words: str) -> str:
    found = sorted(values)
    middle = statistics.median(found)
    if found[0] == found[-1]:
        return f"{middle:{words}}"
    return f"{middle:{words}} ({found[0]:{words}} to {found[-1]:{words}})"
