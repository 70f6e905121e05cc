"""A run as it stood at one moment, cheap to take again and again.

A file is read anew only when it has changed, so that a page with hundreds of runs can
look at all of them at every rerun.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from crack.data.split import read_split, split_fingerprint
from crack.runs.config import TrainConfig
from crack.runs.records import Evaluation, HistoryRow, PhaseRow
from crack.runs.run import Progress, Run, RunStatus, best_row

# The clock of a file system may advance in steps of up to two seconds. Within a step a
# file can change without a new time, so a recent time proves nothing.
_SETTLED_SECONDS = 2.0


@dataclass(frozen=True, eq=False)
class RunSnapshot:
    """What the files of a run said at one moment.

    All callers share it, so its content must not be changed.

    Attributes:
        live: The run itself, to act on it or to see what has become of it since.
        created: When it was created, local time.
        config: What it was asked to do.
        progress: What the worker said last.
        history: A row per epoch.
        phases: A row per finished phase.
        evaluation: How good the finished model is, None before.
    """

    live: Run
    created: datetime
    config: TrainConfig
    progress: Progress
    history: tuple[HistoryRow, ...]
    phases: tuple[PhaseRow, ...]
    evaluation: Evaluation | None

    @property
    def id(self) -> str:
        """Name of its folder."""
        return self.live.id

    @property
    def status(self) -> RunStatus:
        """Where it stood."""
        return self.progress.status

    @cached_property
    def best_epoch(self) -> HistoryRow | None:
        """The history row whose weights are kept, None before the first."""
        return best_row(self.history) if self.history else None

    @property
    def validation_images(self) -> int:
        """Number of images that its epochs are validated on."""
        if self.evaluation:
            return self.evaluation["val"]["n"]
        file = self.live.path / "split.csv"
        return _validation_images(file, _state(str(file)))

    @property
    def fingerprints(self) -> tuple[str, str]:
        """Of the dataset as the run was created for it, and of its split."""
        file = self.live.path / "split.csv"
        return self.live.dataset_fingerprint, _split_hash(file, _state(str(file)))

    @cached_property
    def seconds(self) -> float:
        """What it took so far, without the time before the first epoch and after."""
        epochs = sum(row["seconds"] for row in self.history)
        return epochs + sum(row["cache_seconds"] for row in self.phases)


_State = tuple[int, int, int]
"""What tells one content of a file from the next: inode, size, time of change in ns.

A file that is replaced, as JSON files are, gets another inode; one that a line is
appended to, another size.
"""


class _Reading(NamedTuple):
    """A file as it was read."""

    state: _State | None  # None where there was no such file
    settled: bool
    content: Any


class _Known(NamedTuple):
    """A run as it was read."""

    states: list[_State | None]
    readings: dict[str, _Reading]
    snapshot: RunSnapshot | None


_DAMAGED = object()  # the content of a file that cannot be understood

_READERS: dict[str, Callable[[Run], Any]] = {
    "config.json": lambda run: run.config,
    "status.json": lambda run: run.progress,
    "history.jsonl": lambda run: tuple(run.history),
    # The longest file, and of interest only where its curve is drawn: that it can be
    # read is all that is kept.
    "steps.jsonl": lambda run: bool(run.steps),
    "phases.jsonl": lambda run: tuple(run.phases),
    "evaluation.json": lambda run: run.evaluation,
}

# Of the process, as the threads of all browser tabs look at the same runs. Two threads
# at a time do double work at worst: an entry is replaced as a whole.
_known: dict[str, _Known] = {}


def take_snapshot(path: Path) -> RunSnapshot | None:
    """Return how the run in a folder stands.

    As long as no file changes, this is the same object again.

    Returns:
        None where there is no run, or a file is damaged or missing.
    """
    folder = str(path)
    known = _known.get(folder)
    # The states first: what is written after them shows in the next ones.
    states = [_state(f"{folder}/{name}") for name in _READERS]
    if known and known.states == states and _all_settled(known):
        return known.snapshot
    before = known.readings if known else {}
    run = Run(path)
    readings = {
        name: _read(run, name, state, before.get(name))
        for name, state in zip(_READERS, states, strict=True)
    }
    snapshot = _assemble(run, readings)
    _known[folder] = _Known(states, readings, snapshot)
    return snapshot


def forget_all_but(paths: Iterable[Path]) -> None:
    """Forget runs that no longer exist."""
    for folder in _known.keys() - {str(path) for path in paths}:
        _known.pop(folder, None)


def _all_settled(known: _Known) -> bool:
    return all(reading.settled for reading in known.readings.values())


def _read(
    run: Run, name: str, state: _State | None, before: _Reading | None
) -> _Reading:
    """Return the content of a file, reusing the last reading if it is still valid."""
    if before and before.settled and before.state == state:
        return before
    settled = state is None or time.time() - state[2] / 1e9 > _SETTLED_SECONDS
    try:
        content = _READERS[name](run)
    except OSError:  # perhaps it can be read the next time
        return _Reading(state, False, _DAMAGED)
    except (ValueError, TypeError, KeyError):
        content = _DAMAGED
    return _Reading(state, settled, content)


def _state(file: str) -> _State | None:
    try:
        found = os.stat(file)  # noqa: PTH116 - thousands of times, in a third of the time
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


@lru_cache(maxsize=1000)
def _validation_images(split_file: Path, state: _State | None) -> int:
    """Count the validation samples of a split, once as long as its state is the same.

    A split may have 40,000 rows, and a run at work has a new snapshot each second.
    """
    return int((read_split(split_file)["split"] == "val").sum())


@lru_cache(maxsize=1000)
def _split_hash(split_file: Path, state: _State | None) -> str:
    """Return the fingerprint of a split, "" if it is not there."""
    return split_fingerprint(read_split(split_file)) if state else ""


def _assemble(run: Run, readings: dict[str, _Reading]) -> RunSnapshot | None:
    contents = {name: reading.content for name, reading in readings.items()}
    # Nothing says that such a run is at work, or that it ended.
    if _DAMAGED in contents.values() or readings["status.json"].state is None:
        return None
    try:
        created = run.created
    except ValueError:  # its folder was renamed
        return None
    return RunSnapshot(
        live=run,
        created=created,
        config=contents["config.json"],
        progress=contents["status.json"],
        history=contents["history.jsonl"],
        phases=contents["phases.jsonl"],
        evaluation=contents["evaluation.json"],
    )
