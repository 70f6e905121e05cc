"""The process of a run: start, stop, resume, queue, and notice when it died.

A worker waits for its turn by itself (`wait_for_turn`): the lock of a killed process
becomes free, so the queue needs nobody to look after it. What the process does is in
`crack.training.worker`.
"""

from __future__ import annotations

import logging
import threading
import time

from crack import computer, settings, storage
from crack.access import Role, change, read_only
from crack.data.dataset import delete_dataset, load_dataset
from crack.data.split import make_split
from crack.errors import CrackError
from crack.locks import Lock, are_shared, lock_on
from crack.runs import background
from crack.runs.config import TrainConfig, labelled
from crack.runs.listing import list_runs
from crack.runs.run import Run, RunStatus
from crack.runs.snapshot import RunSnapshot
from crack.runs.workers import Workers

_log = logging.getLogger(__name__)
_reconciling = threading.Lock()

_WITHOUT_A_WORD = (
    "The training process ended without a message: it was killed, ran out of memory or "
    "disk space, or the machine was restarted. Resume goes on from the last finished "
    "epoch."
)


@change("start a training", on="{result.id}, dataset {config.dataset}")
def start(config: TrainConfig, workers: Workers | None = None) -> Run:
    """Create a run and the process that trains it.

    Args:
        config: What to train.
        workers: Where its fine-tune phase is trained, None for this computer.

    Raises:
        ConfigError: A value of the configuration cannot be trained with.
        CrackError: The dataset is missing or not fit for training.
    """
    # Before the dataset is read: errors that do not depend on it come first.
    config.check()
    config = labelled(config)
    dataset = load_dataset(config.dataset)
    split = make_split(dataset, config.split, config.seed)
    run = Run.create(config, dataset, split, workers)
    _launch(run)
    return run


@change("stop a training", on="{run.id}")
def stop(run: Run) -> None:
    """Ask the worker to end after the current batch; it keeps its results so far.

    Raises:
        CrackError: The run is not active, or deleted.
    """
    _check_exists(run)
    if not run.status.is_active:
        raise CrackError(
            f"Run {run.id} is {run.status} already.", "Only an active run can stop."
        )
    (run.path / "stop").touch()


@change("resume a training", on="{run.id}")
def resume(run: Run) -> None:
    """Go on from the last checkpoint.

    Raises:
        CrackError: The run is active, finished or deleted.
    """
    _check_exists(run)
    if run.status not in (RunStatus.STOPPED, RunStatus.FAILED):
        raise CrackError(
            f"Run {run.id} is {run.status}.", "Only a stopped or failed run can resume."
        )
    (run.path / "stop").unlink(missing_ok=True)
    # Meanwhile nobody must take the old process for the new one.
    background.forget(run.path)
    run.report(RunStatus.QUEUED, "Waiting to resume.")
    _launch(run)


@change("delete a run", Role.ADMIN, on="{run.id}")
def delete(run: Run) -> None:
    """Delete a run and its files. Models promoted from it are copies and stay.

    Raises:
        CrackError: The run is active, or deleted already.
    """
    _check_exists(run)
    if run.status.is_active:
        raise CrackError(f"Run {run.id} is {run.status}.", "Stop it first.")
    storage.remove_folder(run.path)


@change("delete a dataset", Role.ADMIN, on="{name}")
def delete_unused_dataset(name: str) -> None:
    """Delete a dataset, unless a training needs it.

    Raises:
        CrackError: An active run trains on it, or there is none of that name.
    """
    for run in list_runs():
        if run.status.is_active and run.config.dataset == name:
            raise CrackError(
                f"Run {run.id} is {run.status} and needs the dataset '{name}'.",
                "Stop it first, or wait until it is finished.",
            )
    delete_dataset(name)


def reconcile() -> list[RunSnapshot]:
    """Mark runs as failed whose process is gone without a message.

    Returns:
        All runs as they stand then, as from `list_runs`.
    """
    # Several browser tabs are threads of one process.
    with _reconciling:
        background.reap()
    runs = list_runs()
    # A list, not a generator: all of them are to be looked at.
    marked = [fail_if_dead(run.live) for run in runs if run.status.is_active]
    return list_runs() if any(marked) else runs


def fail_if_dead(run: Run) -> bool:
    """Mark a run as failed if its process is gone without a message.

    Returns:
        Whether it was marked; in read-only mode it never is.
    """
    if read_only():
        return False
    # Read again after the process was checked: it may have ended in between.
    if not run.status.is_active or _is_alive(run) or not run.status.is_active:
        return False
    try:
        run.report(RunStatus.FAILED, _WITHOUT_A_WORD)
    except OSError:  # the disk is full: whoever looks next tries again, and may look
        return False
    return True


def wait_for_turn(run: Run) -> Lock | None:
    """Wait until no older run is queued here and no other is training here.

    One run trains at a time on each machine, since they would share its processors.

    Returns:
        The lock to hold while training, None if the run was asked to stop.
    """
    machine = f"-{computer.machine()}" if are_shared() else ""
    lock = lock_on(settings.runs_dir() / f".lock{machine}")
    while not run.stop_requested:
        queued = [r.id for r in reconcile() if _is_queued_here(r)]
        if run.id == min(queued, default=run.id) and _acquired(lock):
            return lock
        time.sleep(0.5)
    return None


def _is_queued_here(run: RunSnapshot) -> bool:
    queued = run.status is RunStatus.QUEUED
    return queued and background.host_elsewhere(run.live.path) is None


def _acquired(lock: Lock) -> bool:
    try:
        return lock.acquire(0)
    except CrackError as error:
        _log.warning("the turn is asked for again: %s", error)
        return False


def _launch(run: Run) -> None:
    worker = ["-m", "crack.training.worker", str(run.path)]
    background.launch(run.path, worker, log="train.log")


def is_the_worker(run: Run, pid: int) -> bool:
    """Return whether a process of this computer was started last for a run."""
    here = background.host_elsewhere(run.path) is None
    return here and background.noted_pid(run.path) in (None, pid)


def _check_exists(run: Run) -> None:
    if not run.path.is_dir():
        raise CrackError(f"Run {run.id} was deleted.", "Choose another run.")


def _is_alive(run: Run) -> bool:
    return background.is_alive(run.path, run.progress.updated)
