"""Batches of photos: each a folder, and a process that outlives the service.

A folder holds all there is of one: `order.json`, `photos.jsonl` with what is asked
about, `photos/` with the uploads until all are answered, `answers.jsonl` with a row for
each answer, `ended.json`, the note of the process and its log. One that has ended is
deleted after a week, or when there are 200 later ones.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from crack import settings, storage
from crack.access import change, read_only
from crack.disk_space import RESERVE, check_space, size_of
from crack.errors import CrackError
from crack.runs import background
from crack.service.batch_folder import (
    ANSWERS,
    ENDED,
    ORDER,
    PHOTOS,
    UPLOADS,
    Asked,
    Ended,
    Order,
)

KEPT_SECONDS = 7 * 24 * 3600
"""How long a batch is kept after its last answer."""

_MOST_KEPT = 200  # that ended

MOST_WAITING = 20
"""Batches that have not ended; each waits in a process of its own."""

_LOG = "batch.log"
_ENDED_SILENTLY = (
    "It ended without a message: it was killed, ran out of memory or disk space, or "
    "the machine was restarted. It goes on when the service is started again."
)


class BatchStatus(StrEnum):
    """How a batch stands."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True)
class Batch:
    """A batch as it stood at one moment.

    Attributes:
        id: Name of its folder.
        order: What was asked.
        status: How it stood.
        message: Why it failed.
    """

    id: str
    order: Order
    status: BatchStatus
    message: str = ""

    @property
    def path(self) -> Path:
        """Its folder."""
        return settings.batches_dir() / self.id

    @property
    def is_active(self) -> bool:
        """Whether more answers are to come."""
        return self.status in (BatchStatus.QUEUED, BatchStatus.RUNNING)

    @property
    def done(self) -> int:
        """Photos that have an answer by now, or a reason for none."""
        try:
            return (self.path / ANSWERS).read_bytes().count(b"\n")
        except FileNotFoundError:
            return 0


@change("begin a batch of photos", on="{result.id}, {order.total} photos")
def begin(order: Order, photos: Sequence[Asked], uploads: Path | None) -> Batch:
    """Let a process answer for photos.

    Args:
        order: What to ask.
        photos: About what.
        uploads: Folder of their files, which is moved; None if they are fetched.

    Raises:
        CrackError: There is no room for the photos.
    """
    # Names in the order of their beginning, which nobody can guess.
    id_ = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(8)}"
    path = settings.batches_dir() / id_
    if uploads is not None:
        check_space(path, size_of(uploads), "The batch", RESERVE)
    with storage.new_folder(path) as folder:
        storage.write_json(folder / ORDER, asdict(order))
        storage.write_jsonl(folder / PHOTOS, [dict(photo) for photo in photos])
        if uploads is not None:
            shutil.move(uploads, folder / UPLOADS)
    _launch(path)
    return Batch(id_, order, BatchStatus.QUEUED)


@change("delete a batch of photos", on="{batch.id}")
def delete(batch: Batch) -> None:
    """End a batch; nothing is left of it."""
    _remove(batch.path)


def find(id_: str) -> Batch | None:
    """Return a batch as it stands, None if there is none of that name."""
    with suppress(CrackError):
        storage.check_name(id_, "a batch")
        return _read(settings.batches_dir() / id_)
    return None


def answers(batch: Batch, start: int, count: int) -> list[dict[str, Any]]:
    """Return some of the answers of a batch, in the order of its photos."""
    path = batch.path / ANSWERS
    if not path.is_file():
        return []
    rows = storage.read_jsonl(path)
    return list(islice(rows, start, start + count))


def active() -> list[Batch]:
    """Return the batches that have not ended, the earliest first."""
    return [batch for batch in _all() if batch.is_active]


def go_on() -> None:
    """Begin again where batches were interrupted, and delete what is old enough."""
    if read_only():
        return
    delete_old()
    for batch in _all():
        if batch.status is BatchStatus.FAILED and not (batch.path / ENDED).exists():
            background.forget(batch.path)
            _launch(batch.path)


def delete_old() -> None:
    """Delete the batches that are not kept any longer."""
    if read_only():
        return
    ended = [batch for batch in _all() if (batch.path / ENDED).exists()]
    for number, batch in enumerate(reversed(ended)):
        with suppress(FileNotFoundError):  # another process was faster
            age = time.time() - (batch.path / ENDED).stat().st_mtime
            if age > KEPT_SECONDS or number >= _MOST_KEPT:
                _remove(batch.path)


def is_zip(name: str) -> bool:
    """Return whether an upload is taken for a ZIP of photos."""
    return name.lower().endswith(".zip")


def is_first(id_: str) -> bool:
    """Return whether no batch that began before this one waits."""
    return all(other.id >= id_ for other in active())


def _launch(path: Path) -> None:
    worker = ["-m", "crack.service.batch_worker", str(path)]
    background.launch(path, worker, log=_LOG)


def _remove(path: Path) -> None:
    background.end(path)
    with suppress(FileNotFoundError):  # another process was faster
        storage.remove_folder(path)


def _all() -> list[Batch]:
    """Return all that can be read, the earliest first."""
    folders = sorted(settings.batches_dir().glob("[!.]*/"))
    return [batch for path in folders if (batch := _read(path)) is not None]


def _read(path: Path) -> Batch | None:
    background.reap()
    content = storage.read_record(path / ORDER, Order)
    if content is None:  # deleted just now, or damaged
        return None
    try:
        alive = background.is_alive(path, path.stat().st_mtime)
    except FileNotFoundError:
        return None
    # Read after the process was checked: it may have ended in between.
    ended = storage.read_record(path / ENDED, Ended)
    batch = Batch(path.name, Order(**content), BatchStatus.RUNNING)
    if ended is not None:
        failed = BatchStatus.FAILED if ended["message"] else BatchStatus.FINISHED
        return replace(batch, status=failed, message=ended["message"])
    if not alive:
        message = background.reason_in(path / _LOG) or _ENDED_SILENTLY
        return replace(batch, status=BatchStatus.FAILED, message=message)
    begun = (path / ANSWERS).exists()
    return batch if begun else replace(batch, status=BatchStatus.QUEUED)
