"""Callbacks of the training: progress, history, event files, stopping."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from crack import storage
from crack.errors import CrackError
from crack.runs import claim
from crack.runs.config import Phase
from crack.runs.records import HistoryRow, StepRow
from crack.runs.run import Run
from crack.training.checkpoints import save_checkpoint

_ROWS_PER_EPOCH = 20  # as many points as a curve can show


class StepRecorder(keras.callbacks.Callback):
    """Appends the loss within the epochs and reports progress.

    Args:
        run: Where to write.
        phase: The phase being trained.
        steps_per_epoch: Number of batches in an epoch.
        on_progress: Called with the number of the epoch and the steps done in it; may
            raise to stop.
    """

    def __init__(
        self,
        run: Run,
        phase: Phase,
        steps_per_epoch: int,
        on_progress: Callable[[int, int], None],
    ) -> None:
        super().__init__()
        self._run, self._phase = run, phase
        self._steps_per_epoch = steps_per_epoch
        self._on_progress = on_progress
        self._epoch = 0
        self._next_row = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the epoch, counted from 1."""
        self._epoch = epoch + 1
        self._next_row = epoch + 1 / _ROWS_PER_EPOCH

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Write the loss so far, a few times per epoch."""
        # Of several steps at once Keras counts all, even those past the epoch's end.
        steps = min(batch + 1, self._steps_per_epoch)
        position = self._epoch - 1 + steps / self._steps_per_epoch
        if position >= self._next_row:
            self._next_row = position + 1 / _ROWS_PER_EPOCH
            self._append_row(position, logs or {})
        self._on_progress(self._epoch, steps)

    def _append_row(self, position: float, logs: dict[str, Any]) -> None:
        row: StepRow = {
            "epoch": self._epoch,
            "phase": self._phase,
            "position": round(position, 4),
            "loss": float(logs["loss"]),
            "accuracy": float(logs["accuracy"]),
        }
        storage.append_jsonl(self._run.path / "steps.jsonl", row)


class DropoutByEpoch(keras.callbacks.Callback):
    """Seeds dropout by seed and epoch.

    A checkpoint does not hold the state of dropout. This way a resumed run drops the
    same features as one that was never interrupted.

    Args:
        seed: Of the run.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the state of the generator."""
        seed_dropout(self.model.dropout, self._seed, epoch)


class EpochRecorder(keras.callbacks.Callback):
    """Appends the history row of each epoch and keeps the best and last checkpoint.

    Args:
        run: Where to write.
        phase: The phase being trained.
        patience: End the phase after so many epochs without a lower validation loss.
    """

    def __init__(self, run: Run, phase: Phase, patience: int | None) -> None:
        super().__init__()
        self._run, self._phase, self._patience = run, phase, patience
        self._began = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the row before the checkpoint: resume drops a row without one."""
        measured = {name: float(value) for name, value in (logs or {}).items()}
        if not all(math.isfinite(value) for value in measured.values()):
            raise CrackError(
                f"The loss became infinite or not a number in epoch {epoch + 1}.",
                "Start a new run with a lower learning rate.",
            )
        row: HistoryRow = {
            "epoch": epoch + 1,
            "phase": self._phase,
            "loss": measured["loss"],
            "accuracy": measured["accuracy"],
            "val_loss": measured["val_loss"],
            "val_accuracy": measured["val_accuracy"],
            "learning_rate": _learning_rate(self.model),
            "seconds": round(time.monotonic() - self._began, 3),
        }
        claim.check()
        storage.append_jsonl(self._run.path / "history.jsonl", row)
        save_checkpoint(self._run, self.model, epoch + 1)
        if is_out_of_patience(self._run, self._phase, self._patience):
            self.model.stop_training = True


class TensorBoardRecorder(keras.callbacks.Callback):
    """Writes each epoch to the event files of TensorBoard, counted from 1.

    Keras' own callback counts from 0 and starts its steps anew with each phase.

    Args:
        run: Where to write.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._folder = run.path / "tensorboard"
        self._writers: dict[str, Any] = {}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Open the files."""
        self._writers = {
            part: tf.summary.create_file_writer(str(self._folder / part))
            for part in ("train", "validation")
        }

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write loss and accuracy of training and validation, and the learning rate."""
        measured = logs or {}
        rate = _learning_rate(self.model)
        with self._writers["train"].as_default(epoch + 1):
            tf.summary.scalar("epoch_loss", measured["loss"])
            tf.summary.scalar("epoch_accuracy", measured["accuracy"])
            tf.summary.scalar("epoch_learning_rate", rate)
        with self._writers["validation"].as_default(epoch + 1):
            tf.summary.scalar("epoch_loss", measured["val_loss"])
            tf.summary.scalar("epoch_accuracy", measured["val_accuracy"])
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()


def is_out_of_patience(run: Run, phase: Phase, patience: int | None) -> bool:
    """Return whether a phase has gone `patience` epochs without a lower val_loss."""
    losses = [row["val_loss"] for row in run.history if row["phase"] == phase]
    if patience is None or not losses:
        return False
    return len(losses) - 1 - losses.index(min(losses)) >= patience


def seed_dropout(dropout: keras.layers.Dropout, seed: int, epoch: int) -> None:
    """Set the generator of a layer to its state at the begin of an epoch.

    Args:
        dropout: The layer.
        seed: Of the run.
        epoch: Counted from 0.
    """
    if dropout.rate:
        state = np.random.SeedSequence((seed, epoch)).generate_state(2)
        dropout.seed_generator.state.assign(state)


def _learning_rate(model: keras.Model) -> float:
    # A variable that several replicas hold can only be read as a tensor.
    return float(tf.convert_to_tensor(model.optimizer.learning_rate))
