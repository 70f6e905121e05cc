"""Checkpoints: weights and optimizer state after the best and the last epoch."""

from __future__ import annotations

from pathlib import Path

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
    part(np.zeros((1, *shape), np.float32))
    part.optimizer.build(part.trainable_variables)
    try:
        part.load_weights(checkpoint_path(run, epoch))
    except (OSError, RuntimeError, ValueError, KeyError) as error:  # raised by h5py
        raise CrackError(
            f"The checkpoint of epoch {epoch} is damaged.", "Start a new run."
        ) from error
