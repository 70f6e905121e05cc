"""Numbers and names formatted for sentences and tables."""

from __future__ import annotations

import re

import streamlit as st

from crack.inference.results import Metrics
from crack.reporting.metric_titles import SCORES, Score
from crack.runs.snapshot import RunSnapshot

PERCENT = st.column_config.NumberColumn(format="%.2f %%")
"""Shows what `times_100` returns, with as many decimals in every row."""

SCORE_COLUMNS = {
    score.title: PERCENT
    if score.in_percent
    else st.column_config.NumberColumn(format="%.4f")
    for score in SCORES
}
"""Shows what `score_value` returns, by the title of the metric."""

_MARKDOWN = re.compile(r"([\\`*_\[\]$:~<#|])")


def plain(text: str) -> str:
    """Escape the Markdown in a file name or a message."""
    return _MARKDOWN.sub(r"\\\1", text)


def duration(seconds: float) -> str:
    """Write a time as "40 seconds", "3 minutes", "1 hour 20 minutes"."""
    if seconds < 100:
        return _count(max(1, round(seconds)), "second")
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = [_count(hours, "hour")] if hours else []
    return " ".join(parts + ([_count(minutes, "minute")] if minutes else []))


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def time_left(seconds: float | None) -> str:
    """Write an estimate, rounded to its accuracy."""
    if seconds is None:
        return "Time left not known yet"
    if seconds < 10:
        return "A few seconds left"
    if seconds < 100:
        return f"About {10 * round(seconds / 10)} seconds left"
    return f"About {duration(seconds)} left"


def run_title(run: RunSnapshot) -> str:
    """Name a run by its dataset, its time, and the end of its id."""
    created = f"{run.created.day} {run.created:%b %H:%M}"
    return f"{run.config.dataset}, {created} ({run.id[-4:]})"


def short_note(note: str) -> str:
    """Return the note of a dataset up to its colon, to use within a sentence."""
    start = note.partition(":")[0]
    return start[:1].lower() + start[1:]


def times_100(share: float | None) -> float | None:
    """Return a share in percent, None for what is not known."""
    return None if share is None else 100 * share


def score_value(score: Score, metrics: Metrics) -> float | None:
    """Return a metric as its column shows it, None where it is not known."""
    value = metrics.get(score.key)
    return times_100(value) if score.in_percent else value
