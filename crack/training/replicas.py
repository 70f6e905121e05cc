"""The fine-tune phase on several replicas: GPUs, or processes on several computers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import keras
import tensorflow as tf

from crack import storage
from crack.model.activations import Activations
from crack.model.classifier import TrainedPart
from crack.runs.config import Phase
from crack.runs.run import Run, RunStatus
from crack.training.batches import CachedBatches
from crack.training.checkpoints import build_part, checkpoints, cut_back
from crack.training.in_step import InStep
from crack.training.progress import Progress, Stopped
from crack.training.shares import TrainingShares, ValidationShares
from crack.training.trainer import Trainer

_TENSOR_CORES = (7, 0)  # compute capability of the first GPUs that have them
_LOSS_SCALE = 1024.0  # a power of two, which changes no digit

_log = logging.getLogger(__name__)


class ReplicaTrainer(Trainer):
    """Trains what is left of the fine-tune phase on the replicas of a strategy.

    The files it reads and writes are those of a training by one process. Of several
    processes the first one writes them.

    Args:
        run: Whose activations are cached, and whose frozen phase is over.
        strategy: Of `tf.distribute`.

    Raises:
        CrackError: The dataset or the backbone is missing or has changed.
    """

    def __init__(self, run: Run, strategy: Any) -> None:
        self._strategy = strategy
        resolver = strategy.cluster_resolver
        self._is_first = resolver is None or resolver.task_id == 0
        self._attempt = _attempt(run)
        if self._is_first:
            # Before variables are made: the others wait there for this process.
            cut_back(run, max(checkpoints(run), default=0))
        super().__init__(run)
        with strategy.scope():
            self._load_last()

    def fine_tune(self) -> None:
        """Train the epochs that are left; all processes end it at the same step.

        Raises:
            Stopped: The user asked for it.
            CrackError: The loss became infinite, or nothing can be written.
        """
        phase = Phase.FINE_TUNE
        self._progress = Progress(
            self._run, self._split, {phase: self._steps_left(phase)}, cached=0
        )
        self._report = self._tell
        self._fit(phase)

    def _tell(self, *said: Any) -> None:
        """Report, unless another process does. Stopping is for `_wants_to_stop`."""
        if self._is_first and self._is_ours():
            with suppress(Stopped):
                self._progress(*said)

    def _build(self) -> None:
        super()._build()
        # The cache keeps the network as it was built here: weights are read of it.
        policy = "mixed_float16" if _have_tensor_cores() else "float32"
        _log.info("%d replicas, %s", self._strategy.num_replicas_in_sync, policy)
        with self._strategy.scope():
            self._model = _copy(self._model, policy)

    def _compiled_part(self, phase: Phase) -> TrainedPart:
        with self._strategy.scope():
            part = super()._compiled_part(phase)
            build_part(part, self._cache.shape(self._freeze_point(phase)))
            if _have_tensor_cores():
                part.optimizer.loss_scale_factor = _LOSS_SCALE
        return part

    def _learn(
        self,
        part: TrainedPart,
        train: CachedBatches,
        unchanged: Activations,
        recorders: list[keras.callbacks.Callback],
        epochs: tuple[int, int],
    ) -> None:
        config = self._config
        channels = int(self._cache.shape(None)[0])
        replicas = self._strategy.num_replicas_in_sync
        training = TrainingShares(
            train, self._class_weights, config.dropout, channels, config.seed, replicas
        )
        val = ValidationShares(
            unchanged, self._samples("val"), self._labels, channels, replicas
        )
        recorders = [_Fence(self._is_ours), *recorders] if self._is_first else []
        InStep(self._strategy, part, recorders, self._wants_to_stop).fit(
            training, val, *epochs
        )

    def _wants_to_stop(self) -> bool:
        return self._is_first and (self._run.stop_requested or not self._is_ours())

    def _is_ours(self) -> bool:
        """Whether the run still waits for this attempt to train it.

        The process that started this one on another computer may have been killed.
        """
        running = self._run.status is RunStatus.RUNNING
        return running and _attempt(self._run) == self._attempt


class _Fence(keras.callbacks.Callback):
    """Lets no epoch be written to a run that somebody else has taken over."""

    def __init__(self, is_ours: Callable[[], bool]) -> None:
        super().__init__()
        self._is_ours = is_ours

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raise what ends the training."""
        if not self._is_ours():
            raise Stopped


def _attempt(run: Run) -> Any:
    """Return what tells one attempt to train a run from the next."""
    return storage.read_json_if_whole(run.path / "process.json")


def _have_tensor_cores() -> bool:
    gpus = tf.config.list_physical_devices("GPU")
    details = tf.config.experimental.get_device_details
    return bool(gpus) and all(
        details(gpu).get("compute_capability", (0, 0)) >= _TENSOR_CORES for gpu in gpus
    )


def _copy(model: keras.Sequential, policy: str) -> keras.Sequential:
    """Return a copy of the network whose layers but the head compute as a policy says.

    Its variables are those of the strategy in whose scope it is made.
    """

    def copied(layer: keras.Layer) -> keras.Layer:
        kind = "float32" if layer.name == "head" else policy
        return type(layer).from_config({**layer.get_config(), "dtype": kind})

    copy = keras.models.clone_model(model, clone_function=copied, recursive=True)
    copy.set_weights(model.get_weights())
    return copy
