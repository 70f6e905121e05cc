"""Checkpoints: weights and optimizer state after the best and the last epoch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from crack import storage
from crack.errors import CrackError
from crack.runs.run import Run


def checkpoint_path(run: Run, epoch: int) -> Path:
    """Return the path of the weights and optimizer state after an epoch."""
    return run.path / "checkpoints" / f"epoch-{epoch:03d}.weights.h5"


def checkpoints(run: Run) -> list[int]:
    """Return the epochs that have a checkpoint."""
    found = (run.path / "checkpoints").glob("epoch-*.weights.h5")
    return [int(path.name[6:].split(".")[0]) for path in found]


def save_checkpoint(run: Run, model: keras.Model, epoch: int) -> None:
    """Save the trained part after an epoch; delete all but the best and this one."""
    path = checkpoint_path(run, epoch)
    partial = path.with_name(f"partial-{path.name}")
    model.save_weights(partial)
    storage.settle(partial, path)
    best = run.best_epoch
    keep = {path, checkpoint_path(run, best["epoch"]) if best else path}
    for old in path.parent.glob("epoch-*.weights.h5"):
        if old not in keep:
            old.unlink()


def load_checkpoint(
    run: Run, part: keras.Model, shape: tuple[int, ...], epoch: int
) -> None:
    """Restore the trained part to its state after an epoch.

    Args:
        run: Whose checkpoint.
        part: The compiled model that was trained.
        shape: Of its input for one image.
        epoch: After which.

    Raises:
        CrackError: The checkpoint is damaged; some of it may be in the model.
    """
    build_part(part, shape)
    try:
        part.load_weights(checkpoint_path(run, epoch))
    except (OSError, RuntimeError, ValueError, KeyError) as error:  # raised by h5py
        raise CrackError(
            f"The checkpoint of epoch {epoch} is damaged.", "Start a new run."
        ) from error


def build_part(part: keras.Model, shape: tuple[int, ...]) -> None:
    """Make the variables of a compiled part and of its optimizer.

    Args:
        part: The compiled model.
        shape: Of its input for one image.
    """
    part(np.zeros((1, *shape), np.float32))
    part.optimizer.build(part.trainable_variables)


def cut_back(run: Run, epoch: int) -> None:
    """Delete the rows of a run that were written after the checkpoint of an epoch."""
    for name in ("history", "steps"):
        _keep(run, name, lambda row: row["epoch"] <= epoch)
    # After the history: a phase is over only with all of its epochs.
    phases = [row["phase"] for row in run.history]
    _keep(run, "phases", lambda row: phases.count(row["phase"]) == row["epochs"])


def _keep(run: Run, name: str, is_kept: Callable[[dict[str, Any]], bool]) -> None:
    path = run.path / f"{name}.jsonl"
    # Even if all rows stay: the next one would be appended to an incomplete last row.
    storage.write_jsonl(path, [row for row in storage.read_jsonl(path) if is_kept(row)])
