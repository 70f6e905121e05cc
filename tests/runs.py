"""Folders of runs, as a training leaves them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crack import storage
from crack.data.dataset import Dataset
from crack.runs.config import PRESETS, Phase
from crack.runs.records import HistoryRow, PhaseRow, StepRow
from crack.runs.run import Run

PARAMETERS = {Phase.FROZEN: 2562, Phase.FINE_TUNE: 1_864_002}
"""How many learn in each phase."""
ALL_PARAMETERS = 2_260_546


def create_run(split: pd.DataFrame) -> Run:
    """Make the folder of a run on a dataset of which there is the split alone."""
    dataset = Dataset(
        name="walls",
        root=Path(),
        class_names=("Negative", "Positive"),
        crack_class="Positive",
        samples=split.assign(sha256=""),
        unreadable=pd.DataFrame(columns=["file", "reason"]),
        source="",
        added="2026-11-22T12:00:00+00:00",
    )
    return Run.create(PRESETS["recommended"].for_dataset("walls"), dataset, split)


def epoch_row(epoch: int, phase: Phase) -> HistoryRow:
    """Return what is measured in an epoch: the later, the better."""
    return {
        "epoch": epoch,
        "phase": phase,
        "loss": 0.5 / epoch,
        "accuracy": 1 - 0.2 / epoch,
        "val_loss": 0.6 / epoch,
        "val_accuracy": 1 - 0.3 / epoch,
        "learning_rate": 1e-4,
        "seconds": 2.0,
    }


def write_rows(run: Run, epochs: int, steps: int) -> None:
    """Write what a worker records of a training that is through.

    Args:
        run: In whose folder.
        epochs: Of the two phases together; each has half of them.
        steps: Points within each epoch.
    """
    rows: dict[str, list[HistoryRow | StepRow | PhaseRow]] = {
        "history": [],
        "steps": [],
        "phases": [],
    }
    for epoch in range(1, epochs + 1):
        phase = Phase.FROZEN if epoch <= epochs // 2 else Phase.FINE_TUNE
        row = epoch_row(epoch, phase)
        rows["history"].append(row)
        rows["steps"] += [
            {
                "epoch": epoch,
                "phase": phase,
                "position": epoch - 1 + (step + 0.5) / steps,
                "loss": row["loss"],
                "accuracy": row["accuracy"],
            }
            for step in range(steps)
        ]
    for phase, trainable in PARAMETERS.items():
        rows["phases"].append(
            {
                "phase": phase,
                "epochs": epochs // 2,
                "trainable_parameters": trainable,
                "total_parameters": ALL_PARAMETERS,
                "cache_seconds": 5.0,
                "train_seconds": 20.0,
                "val_accuracy": 0.9,
                "val_loss": 0.2,
            }
        )
    for name, content in rows.items():
        storage.write_jsonl(run.path / f"{name}.jsonl", content)
