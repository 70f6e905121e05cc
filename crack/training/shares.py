"""The share of each replica in the batches that a single process would train on."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from crack.model.activations import Activations
from crack.training.batches import CachedBatches
from crack.training.callbacks import seed_dropout

_VALIDATED = 256  # samples at a time


class Share(NamedTuple):
    """What one replica computes of a batch; of each replica of the same size.

    Attributes:
        activations: Shape (k, ...).
        kept: Shape (k, channels): what dropout multiplies the features with.
        labels: Shape (k,): class indices.
        weights: Shape (k,): how much the loss of a sample counts; 0 for those that only
            fill up the share.
        counted: Shape (k,): 1, and 0 for those that fill up.
        size: Samples of the whole batch.
    """

    activations: NDArray[np.float32]
    kept: NDArray[np.float32]
    labels: NDArray[np.int64]
    weights: NDArray[np.float32]
    counted: NDArray[np.float32]
    size: np.float32


Shares = Callable[[int], Share]
"""Returns the share of the replica with a number."""


class TrainingShares:
    """The shares in the batches of `CachedBatches`.

    Dropout is drawn for the whole batch, by the layer and from the state that a single
    process has at this step, and then cut like the batch.

    Args:
        batches: Those of a single process.
        class_weights: By class index.
        dropout: Share of the features that are dropped.
        channels: Number of features.
        seed: Of dropout.
        replicas: That share a batch.
    """

    def __init__(
        self,
        batches: CachedBatches,
        class_weights: dict[int, float],
        dropout: float,
        channels: int,
        seed: int,
        replicas: int,
    ) -> None:
        self._batches, self._replicas = batches, replicas
        self._weights = np.array([class_weights[0], class_weights[1]], np.float32)
        self._channels, self._seed = channels, seed
        self._dropout = keras.layers.Dropout(dropout, seed=seed)

    def begin(self, epoch: int) -> None:
        """Turn to the next epoch.

        Args:
            epoch: Its number, counted from 0.
        """
        # Before the first one too, as Keras does in `fit`.
        self._batches.on_epoch_end()
        seed_dropout(self._dropout, self._seed, epoch)

    def __len__(self) -> int:
        """Return the number of batches."""
        return len(self._batches)

    def batch(self, index: int) -> Shares:
        """Return the shares in a batch; to be asked for in order."""
        places = self._batches.places(index)
        ones = np.ones((len(places), self._channels), np.float32)
        kept = np.asarray(self._dropout(ones, training=True))

        def share(replica: int) -> Share:
            own, counted = _cut(len(places), replica, self._replicas)
            activations, labels = self._batches.load(places[own])
            weights = self._weights[labels] * counted
            size = np.float32(len(places))
            return Share(activations, kept[own], labels, weights, counted, size)

        return share


class ValidationShares:
    """The shares in batches of samples, all of which count the same.

    Args:
        activations: Shape (n, ...).
        rows: Shape (k,): which of the n samples are used.
        labels: Shape (n,): class index of every sample.
        channels: Number of features.
        replicas: That share a batch.
    """

    def __init__(
        self,
        activations: Activations,
        rows: NDArray[np.int64],
        labels: NDArray[np.int64],
        channels: int,
        replicas: int,
    ) -> None:
        self._activations, self._rows, self._labels = activations, rows, labels
        self._channels, self._replicas = channels, replicas

    def __len__(self) -> int:
        """Return the number of batches."""
        return -(-len(self._rows) // _VALIDATED)

    def batch(self, index: int) -> Shares:
        """Return the shares in a batch."""
        rows = self._rows[index * _VALIDATED : (index + 1) * _VALIDATED]

        def share(replica: int) -> Share:
            own, counted = _cut(len(rows), replica, self._replicas)
            return Share(
                self._activations[rows[own]].astype(np.float32),
                np.ones((len(own), self._channels), np.float32),
                self._labels[rows[own]],
                counted,
                counted,
                np.float32(len(rows)),
            )

        return share


def _cut(
    size: int, replica: int, replicas: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return which samples of a batch a replica has, and 1 for each that is its own.

    All replicas get the same number; where there are too few, the first one fills up.
    """
    each = -(-size // replicas)
    own = np.arange(replica * each, (replica + 1) * each)
    counted = (own < size).astype(np.float32)
    return np.where(own < size, own, 0), counted
