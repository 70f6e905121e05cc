"""A run: one training attempt, and the folder with everything about it.

This module creates, reads and reports on one run. Many at a time are in
`crack.runs.listing`, the process behind one in `crack.runs.jobs`.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import pandas as pd

from crack import settings, storage
from crack.checked import check
from crack.data.dataset import Dataset
from crack.data.split import read_split, write_split
from crack.errors import CrackError
from crack.runs import claim
from crack.runs.config import TrainConfig
from crack.runs.records import (
    Evaluation,
    HistoryRow,
    PhaseRow,
    StepRow,
)
from crack.runs.workers import Workers

_WORKERS = "workers.json"

_log = logging.getLogger(__name__)


class RunStatus(StrEnum):
    """The status of a run."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_active(self) -> bool:
        """Whether a process is training it, or waits to do so."""
        return self in (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True)
class Progress:
    """The content of `status.json`.

    Attributes:
        status: Of the run.
        message: A sentence: the current activity, or why the run ended.
        done: Steps done of the current activity.
        total: Steps of the current activity, 0 if they cannot be counted.
        eta_seconds: Expected time until the run ends, None if unknown.
        updated: When this was written, seconds since 1970.
        share: How much of the run is over, 0 to 1, None if unknown; it never falls.
    """

    status: RunStatus
    message: str = ""
    done: int = 0
    total: int = 0
    eta_seconds: float | None = None
    updated: float = 0.0
    share: float | None = None


class Run:
    """A training attempt, read from its folder at every access.

    Nothing is kept in memory, so any process sees what the worker wrote last.

    Args:
        path: The folder of the run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(
        cls,
        config: TrainConfig,
        dataset: Dataset,
        split: pd.DataFrame,
        workers: Workers | None = None,
    ) -> Run:
        """Make the folder of a new run, queued.

        Args:
            config: What to do.
            dataset: What to do it with.
            split: Of the dataset, as made by `crack.data.split.make_split`.
            workers: Where the fine-tune phase is trained, None for this computer.
        """
        stamp = time.strftime("%Y%m%d-%H%M%S")
        run_id = f"{stamp}-{config.backbone}-{os.urandom(2).hex()}"
        run = cls(settings.runs_dir() / run_id)
        with storage.new_folder(run.path) as folder:
            storage.write_json(folder / "config.json", config.to_dict())
            storage.write_json(folder / "dataset.json", _identity(dataset))
            write_split(folder / "split.csv", split)
            if workers is not None:
                storage.write_json(folder / _WORKERS, asdict(workers))
            (folder / "checkpoints").mkdir()
            cls(folder).report(RunStatus.QUEUED, "Waiting to start.")
        _log.info("run %s is made of the dataset %s", run.id, dataset.name)
        return run

    @property
    def id(self) -> str:
        """Name of the folder: time of creation, backbone, four hex digits."""
        return self.path.name

    @property
    def created(self) -> datetime:
        """When it was created, local time."""
        return datetime.strptime(self.id[:15], "%Y%m%d-%H%M%S").astimezone()

    @property
    def config(self) -> TrainConfig:
        """What it was asked to do."""
        content = storage.read_json(self.path / "config.json")
        check(content, TrainConfig)
        return TrainConfig.from_dict(content)

    @property
    def workers(self) -> Workers | None:
        """Where the fine-tune phase is trained, None for this computer."""
        content = storage.read_record(self.path / _WORKERS, Workers)
        return None if content is None else Workers(**content)

    @property
    def split(self) -> pd.DataFrame:
        """Columns file, class, group, split; in the order of the dataset."""
        return read_split(self.path / "split.csv")

    @property
    def dataset_fingerprint(self) -> str:
        """Of the dataset as the run was created for it, "" if that is not known."""
        about = storage.read_json_if_whole(self.path / "dataset.json") or {}
        return str(about.get("fingerprint", ""))

    def check_dataset(self, dataset: Dataset) -> None:
        """Refuse a dataset other than the one the run was created for.

        Raises:
            CrackError: Its files, their classes or the crack class differ.
        """
        if _identity(dataset) != storage.read_json(self.path / "dataset.json"):
            raise CrackError(
                f"The dataset '{dataset.name}' is not the one this run was created "
                "for: its images or their classes differ.",
                "Undo what was edited in it since, then resume; or start a new run.",
            )

    @property
    def progress(self) -> Progress:
        """The latest report of the worker; a deleted run reads as failed."""
        try:
            content = storage.read_json(self.path / "status.json")
        except FileNotFoundError:
            return Progress(RunStatus.FAILED, "This run was deleted.")
        check(content, Progress)
        return Progress(**{**content, "status": RunStatus(content["status"])})

    @property
    def status(self) -> RunStatus:
        """Where it stands."""
        return self.progress.status

    def report(
        self,
        status: RunStatus,
        message: str,
        done: int = 0,
        total: int = 0,
        eta_seconds: float | None = None,
        share: float | None = None,
    ) -> None:
        """Replace `status.json`; what is said of it is explained at `Progress`.

        Raises:
            LockLostError: This process works on the run no longer.
        """
        claim.check()
        path = self.path / "status.json"
        before = storage.read_json_if_whole(path) or {}
        now = time.time()
        progress = Progress(status, message, done, total, eta_seconds, now, share)
        storage.write_json(path, asdict(progress))
        if before and before.get("status") != status:
            level = logging.WARNING if status is RunStatus.FAILED else logging.INFO
            _log.log(level, "run %s is %s: %s", self.id, status, message)

    @property
    def history(self) -> list[HistoryRow]:
        """One row per epoch."""
        return cast(list[HistoryRow], self._rows("history", HistoryRow))

    @property
    def steps(self) -> list[StepRow]:
        """Training loss and accuracy within the epochs, a few rows for each."""
        return cast(list[StepRow], self._rows("steps", StepRow))

    @property
    def parameters(self) -> dict[str, int] | None:
        """Number of parameters: `total`, and how many train in each phase by its name.

        None until the network is built, or where that cannot be read.
        """
        return storage.read_record(self.path / "parameters.json", dict[str, int])

    @property
    def phases(self) -> list[PhaseRow]:
        """What each finished phase took."""
        return cast(list[PhaseRow], self._rows("phases", PhaseRow))

    def _rows(self, name: str, kind: type) -> list[dict[str, Any]]:
        rows = storage.read_jsonl(self.path / f"{name}.jsonl")
        check(rows, list[kind])  # type: ignore[valid-type]
        return rows

    @property
    def best_epoch(self) -> HistoryRow | None:
        """The history row whose weights are kept, see `best_row`."""
        history = self.history
        return best_row(history) if history else None

    @property
    def evaluation(self) -> Evaluation | None:
        """How good the finished model is on validation and test, None before."""
        path = self.path / "evaluation.json"
        if not path.is_file():
            return None
        # Keys that files of the first version do not have.
        missing = {"offset": 0.0, "note": ""}
        content = {**missing, **storage.read_json(path)}
        check(content, Evaluation)
        return cast(Evaluation, content)

    @property
    def model_folder(self) -> Path:
        """Folder of the exported model; exists once the run is finished."""
        return self.path / "model"

    @property
    def stop_requested(self) -> bool:
        """Whether someone asked it to stop."""
        return (self.path / "stop").exists()

    def log_tail(self, lines: int = 40) -> str:
        """Return the last lines of the training log."""
        path = self.path / "train.log"
        if not path.is_file():
            return ""
        text = path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def _identity(dataset: Dataset) -> dict[str, str]:
    return {"fingerprint": dataset.fingerprint, "crack_class": dataset.crack_class}


def best_row(history: Sequence[HistoryRow]) -> HistoryRow:
    """Return the epoch of highest validation accuracy, then of lowest loss."""
    return max(history, key=lambda row: (row["val_accuracy"], -row["val_loss"]))
