"""Adaptations to the photos of an inspection, each in a process of its own.

A folder holds all there is of one: `order.json`, the note of the process, `adapt.log`,
`progress.json` while it runs (`crack.adaptation.progress`), and `result.json`, what
`crack adapt --json` prints. One that wrote no model is deleted, with its dataset, when
it is cancelled or the next one of the inspection begins.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from crack import settings, storage
from crack.access import change
from crack.adaptation.comparison import Comparison
from crack.data.dataset import Progress, dataset_names
from crack.errors import CrackError
from crack.inspections.records import Inspection
from crack.inspections.verdict_dataset import add_verdicts
from crack.runs import background
from crack.runs.jobs import delete_unused_dataset
from crack.runs.registry import Model, check_new_name

_ENDED_SILENTLY = (
    "The adaptation ended without a message: it was killed, ran out of memory or disk "
    "space, or the machine was restarted. Begin it again."
)
_DAMAGED = (
    "What the adaptation wrote at its end cannot be read: it is damaged or incomplete. "
    "Look for its model on the Models page, or begin it again."
)
_ORDER, _LOG = "order.json", "adapt.log"
_PROGRESS, _RESULT = "progress.json", "result.json"


class JobStatus(StrEnum):
    """How an adaptation stands."""

    RUNNING = "running"
    FINISHED = "finished"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Order:
    """The content of `order.json`.

    Attributes:
        inspection: Id of the inspection whose verdicts count.
        base: Name of the model to adapt.
        dataset: Name of the dataset made of the verdicts.
        name: Of the new model.
        force: Whether to write it even if it is worse.
    """

    inspection: str
    base: str
    dataset: str
    name: str
    force: bool = False


@dataclass(frozen=True)
class JobProgress:
    """The content of `progress.json`, see `crack.adaptation.progress`."""

    activity: str
    done: int
    total: int
    seconds: float
    eta_seconds: float
    updated: float

    @property
    def seconds_left(self) -> float:
        """Until the end, as it seems now."""
        return max(0.0, self.eta_seconds - (time.time() - self.updated))

    @property
    def share(self) -> float:
        """How much of the time is over, 0 to 1."""
        over = self.seconds + time.time() - self.updated
        return over / (over + self.seconds_left + 1e-9)


@dataclass(frozen=True)
class Job:
    """An adaptation as it stood at one moment.

    Attributes:
        path: Its folder.
        order: What it was asked to do.
        status: How it stood.
        progress: What it was doing; None before it said so.
        comparison: The new model beside the old one, once finished or refused.
        message: Why it failed.
    """

    path: Path
    order: Order
    status: JobStatus
    progress: JobProgress | None = None
    comparison: Comparison | None = None
    message: str = ""

    @property
    def wrote_model(self) -> bool:
        """Whether there is a new model."""
        return self.status is JobStatus.FINISHED


@change("adapt a model", on="{base.name} as {name}, inspection {inspection.id}")
def start(inspection: Inspection, base: Model, name: str, report: Progress) -> Job:
    """Make a dataset of the verdicts of an inspection and begin to adapt a model to it.

    Args:
        inspection: Whose verdicts count.
        base: The model to adapt.
        name: Of the new model.
        report: Told how far the dataset is.

    Raises:
        CrackError: The name is taken or unusable, another adaptation is under way, or
            the verdicts cannot be made a dataset.
    """
    check_new_name(name)
    _check_none_running()
    for job in _jobs():
        if job.order.inspection == inspection.id and not job.wrote_model:
            _delete(job)
    wanted = f"{inspection.structure} {inspection.element}"
    dataset = storage.free_name(wanted, dataset_names())
    add_verdicts(dataset, inspection, report)
    return _begin(Order(inspection.id, base.name, dataset, name))


@change("write an adapted model that is worse", on="{job.order.name}")
def write_anyway(job: Job) -> Job:
    """Begin again what was refused, and let it write the model although it is worse.

    Raises:
        CrackError: The name is taken by now, or another adaptation is under way.
    """
    order = Order(**{**asdict(job.order), "force": True})
    check_new_name(order.name)
    _check_none_running()
    storage.remove_folder(job.path)
    return _begin(order)


@change("cancel the adaptation of a model", on="{job.order.name}")
def cancel(job: Job) -> bool:
    """End an adaptation under way; nothing is left of it.

    Returns:
        False where it has just written its model, which stays.
    """
    background.end(job.path)
    now = _read(job.path)
    if now is not None and now.wrote_model:
        return False
    _delete(job)
    return True


def latest(inspection_id: str) -> Job | None:
    """Return the last adaptation to the photos of an inspection, if there is any."""
    background.reap()
    mine = [job for job in _jobs() if job.order.inspection == inspection_id]
    return mine[-1] if mine else None


@change("delete the adaptations to an inspection", on="{inspection_id}")
def delete_all(inspection_id: str) -> None:
    """Delete all adaptations to the photos of an inspection, and the datasets of them.

    One under way is ended. The models they wrote stay.
    """
    for job in _jobs():
        if job.order.inspection == inspection_id:
            background.end(job.path)
            _delete(job)


def _begin(order: Order) -> Job:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = settings.adaptations_dir() / f"{stamp}-{os.urandom(2).hex()}"
    with storage.new_folder(path) as folder:
        storage.write_json(folder / _ORDER, asdict(order))
    _launch(path, order)
    return Job(path, order, JobStatus.RUNNING)


def _launch(path: Path, order: Order) -> None:
    command = ["-m", "crack", "adapt", order.base, order.dataset]
    options = ["--name", order.name, "--json", "--progress", str(path / _PROGRESS)]
    if order.force:
        options.append("--force")
    background.launch(path, command + options, log=_LOG, output=_RESULT)


def _check_none_running() -> None:
    if any(job.status is JobStatus.RUNNING for job in _jobs()):
        raise CrackError(
            "A model is being adapted already.",
            "Wait until that is done, or cancel it.",
        )


def _jobs() -> list[Job]:
    """Return all that can be read, the earliest first."""
    folders = sorted(settings.adaptations_dir().glob("[!.]*/"))
    return [job for path in folders if (job := _read(path)) is not None]


def _read(path: Path) -> Job | None:
    content = storage.read_record(path / _ORDER, Order)
    if content is None:  # deleted just now, or damaged
        return None
    order, result = Order(**content), storage.read_json_if_whole(path / _RESULT)
    if result is not None:
        return _ended(path, order, result)
    if background.is_alive(path, path.stat().st_mtime):
        told = storage.read_record(path / _PROGRESS, JobProgress)
        progress = None if told is None else JobProgress(**told)
        return Job(path, order, JobStatus.RUNNING, progress)
    # Read again after the process was checked: it may have ended in between.
    if storage.read_json_if_whole(path / _RESULT) is not None:
        return _read(path)
    message = background.reason_in(path / _LOG) or _ENDED_SILENTLY
    return Job(path, order, JobStatus.FAILED, message=message)


def _ended(path: Path, order: Order, result: dict[str, Any]) -> Job:
    try:
        comparison = Comparison.from_json(result)
        wrote = isinstance(result["model"], str)
    except (KeyError, TypeError):
        return Job(path, order, JobStatus.FAILED, message=_DAMAGED)
    status = JobStatus.FINISHED if wrote else JobStatus.REFUSED
    return Job(path, order, status, comparison=comparison)


def _delete(job: Job) -> None:
    """Delete an adaptation and the dataset made for it; a model it wrote stays."""
    with suppress(FileNotFoundError):  # another window was faster
        storage.remove_folder(job.path)
    with suppress(CrackError):  # it is gone already, or a training needs it
        delete_unused_dataset(job.order.dataset)
