"""Where a run is trained: in this process, on the GPUs here, or on a cluster."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from crack.runs.config import Phase
from crack.runs.run import Run
from crack.runs.workers import Workers
from crack.training.ray_cache import ClusterCache
from crack.training.ray_workers import fine_tune_on_cluster
from crack.training.replicas import ReplicaTrainer
from crack.training.trainer import Trainer


def trainer_of(run: Run) -> Trainer:
    """Return what trains a run.

    Raises:
        CrackError: The dataset or the backbone is missing or has changed.
    """
    if workers := run.workers:
        # GPUs here may be those of a worker, and TensorFlow takes all of their memory.
        tf.config.set_visible_devices([], "GPU")
        return ClusterTrainer(run, workers)
    if tf.config.list_physical_devices("GPU"):
        return MirroredTrainer(run, tf.distribute.MirroredStrategy())
    return Trainer(run)


class MirroredTrainer(Trainer):
    """Trains the head here and has replicas in this process fine-tune.

    Args:
        run: As of `Trainer`.
        strategy: A `MirroredStrategy`.
    """

    def __init__(self, run: Run, strategy: Any) -> None:
        super().__init__(run)
        self._strategy = strategy

    def _fit(self, phase: Phase) -> None:
        if phase is not Phase.FINE_TUNE:
            super()._fit(phase)
            return
        ReplicaTrainer(self._run, self._strategy).fine_tune()


class ClusterTrainer(Trainer):
    """Trains the head here, and has a cluster fill the cache and fine-tune.

    Args:
        run: As of `Trainer`.
        workers: Which cluster.
    """

    def __init__(self, run: Run, workers: Workers) -> None:
        self._workers = workers
        super().__init__(run)

    def _build(self) -> None:
        super()._build()
        self._cache = ClusterCache(self._dataset, self._model, self._workers)

    def _fit(self, phase: Phase) -> None:
        if phase is Phase.FINE_TUNE:
            fine_tune_on_cluster(self._run, self._workers)
        else:
            super()._fit(phase)
