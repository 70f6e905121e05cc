"""A command of this program in the background, for the dashboard.

What needs TensorFlow runs in a process of its own. A folder holds all there is of it:
`order.json`, the note of the process, `progress.json`, `command.log`, and `result.json`
with what the command printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from crack import storage
from crack.checked import Kind, check
from crack.errors import CrackError
from crack.runs import background

_ORDER, _PROGRESS, _RESULT, _LOG = (
    "order.json",
    "progress.json",
    "result.json",
    "command.log",
)
_ENDED_SILENTLY = (
    "It ended without a message: it was killed, ran out of memory or disk space, or "
    "the machine was restarted. Begin again."
)


_DAMAGED = "What it wrote at its end is damaged or incomplete. Begin again."


class JobStatus(StrEnum):
    """How a command stands."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True)
class CommandJob:
    """A command as it stood at one moment.

    Attributes:
        order: What it was asked to do.
        status: How it stood.
        activity: What it was doing, "" before it said so.
        done: How much of that.
        total: Of how much.
        result: What it printed as JSON, once finished.
        message: Why it failed.
    """

    order: Mapping[str, Any]
    status: JobStatus
    activity: str = ""
    done: int = 0
    total: int = 1
    result: Mapping[str, Any] | None = None
    message: str = ""


@dataclass(frozen=True)
class _Told:
    """The content of `progress.json`."""

    activity: str
    done: int
    total: int


def start(folder: Path, order: Mapping[str, Any], words: Sequence[str]) -> None:
    """Run a command in the background; what is in its folder is deleted first.

    Args:
        folder: For all there is of it.
        order: What it is asked to do, as `CommandJob.order` returns it.
        words: Of the command, which takes `--json` and `--progress` too.

    Raises:
        CrackError: It is being run already.
    """
    before = read(folder)
    if before and before.status is JobStatus.RUNNING:
        raise CrackError("This is under way already.", "Wait until it has ended.")
    if folder.exists():
        storage.remove_folder(folder)
    with storage.new_folder(folder) as made:
        storage.write_json(made / _ORDER, order)
    options = ["--json", "--progress", str(folder / _PROGRESS)]
    background.launch(
        folder, ["-m", "crack", *words, *options], log=_LOG, output=_RESULT
    )


def read(
    folder: Path, order_kind: Kind = dict, result_kind: Kind = dict
) -> CommandJob | None:
    """Return how a command stands, None if none was begun.

    Args:
        folder: As of `start`.
        order_kind: What `CommandJob.order` must be like; otherwise none was begun.
        result_kind: The same of `CommandJob.result`; otherwise it failed.
    """
    background.reap()
    order = storage.read_record(folder / _ORDER, order_kind)
    if order is None:
        return None
    alive = background.is_alive(folder, folder.stat().st_mtime)
    # Read after the process was checked: it may have ended in between.
    result = storage.read_json_if_whole(folder / _RESULT)
    if alive and result is None:
        told = storage.read_record(folder / _PROGRESS, _Told) or {}
        return CommandJob(order, JobStatus.RUNNING, **told)
    if result is not None:
        try:
            check(result, result_kind)
        except TypeError:
            return CommandJob(order, JobStatus.FAILED, message=_DAMAGED)
        return CommandJob(order, JobStatus.FINISHED, result=result)
    message = background.reason_in(folder / _LOG) or _ENDED_SILENTLY
    return CommandJob(order, JobStatus.FAILED, message=message)


def cancel(folder: Path) -> None:
    """End a command and delete its folder."""
    background.end(folder)
    with suppress(FileNotFoundError):  # another window was faster
        storage.remove_folder(folder)
