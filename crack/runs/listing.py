"""The runs of the workspace: all of them, the current one, or one by its id.

Lists hold snapshots; to act on a run, pass its `live` to `crack.runs.jobs`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from crack import settings
from crack.errors import CrackError
from crack.runs.background import host_elsewhere
from crack.runs.run import Run, RunStatus
from crack.runs.snapshot import RunSnapshot, forget_all_but, take_snapshot


def list_runs() -> list[RunSnapshot]:
    """Return all runs, the newest first, without those of `broken_runs`."""
    folders = _folders()
    forget_all_but(folders)
    runs = (take_snapshot(path) for path in folders)
    return [run for run in runs if run is not None]


def broken_runs() -> list[Run]:
    """Return the runs of which a file is damaged, the newest first."""
    return [
        Run(path)
        for path in _folders()
        # A folder without a configuration was not made by this program.
        if (path / "config.json").is_file() and take_snapshot(path) is None
    ]


def find_run(run_id: str) -> Run:
    """Return the run with that id, or the only one whose id ends or starts with it.

    Raises:
        CrackError: There is none, or more than one.
    """
    close = [
        path
        for path in (_folders() if run_id else [])
        if path.name.startswith(run_id) or path.name.endswith(run_id)
    ]
    matches = [run for path in close if (run := take_snapshot(path)) is not None]
    exact = [run for run in matches if run.id == run_id]
    matches = exact or matches
    if len(matches) != 1:
        count = "no run" if not matches else f"{len(matches)} runs"
        raise CrackError(
            f"'{run_id}' names {count}.", "See all with: python -m crack runs list"
        )
    return matches[0].live


def active_run(runs: Sequence[RunSnapshot]) -> RunSnapshot | None:
    """Return the run that is training, else the first in the queue, else None.

    Args:
        runs: As from `list_runs`.
    """
    active = [run for run in reversed(runs) if run.status.is_active]
    running = [run for run in active if run.status is RunStatus.RUNNING]
    return next(iter(running + active), None)


def runs_ahead(queued: RunSnapshot, runs: Sequence[RunSnapshot]) -> int:
    """Return how many runs train before a queued one: the current and older ones.

    Args:
        queued: The run that waits.
        runs: As from `list_runs`; each computer has a queue of its own.
    """
    here = host_elsewhere(queued.live.path)
    others = [
        run
        for run in runs
        if run.status.is_active
        and run.id != queued.id
        and host_elsewhere(run.live.path) == here
    ]
    running = sum(run.status is RunStatus.RUNNING for run in others)
    # An id begins with the time of creation, so the older one comes first.
    older = sum(run.status is RunStatus.QUEUED and run.id < queued.id for run in others)
    return running + older


def _folders() -> list[Path]:
    """Return the folders of runs, whole or broken, the newest first."""
    runs = settings.runs_dir()
    try:
        names = os.listdir(runs)  # noqa: PTH208 - hundreds of names, to sort as text
    except (FileNotFoundError, NotADirectoryError):
        return []
    # A leading dot: still being made, or left behind by a killed process.
    return [runs / n for n in sorted(names, reverse=True) if not n.startswith(".")]
