"""Batches of cached activations: one view per image and epoch, ordered by seed."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_class_weight

from crack.model.activations import Activations


def class_weights(labels: NDArray[np.int64]) -> dict[int, float]:
    """Return weights that make both classes count the same; 1 if they are balanced.

    Args:
        labels: Shape (k,): class index of every training sample.
    """
    classes = np.array([0, 1])
    weights = compute_class_weight("balanced", classes=classes, y=labels)
    return dict(enumerate(weights.tolist()))


class CachedBatches(keras.utils.PyDataset):
    """Batches for `fit`, the same ones for the same seed and epoch.

    Args:
        views: One array (n, ...) per view.
        rows: Shape (k,): which of the n samples are used.
        labels: Shape (n,): class index of every sample.
        batch_size: Samples per batch; the last one may be smaller.
        seed: Of the order and the choice of views.
        first_epoch: Number of the epoch that comes first.
    """

    def __init__(
        self,
        views: list[Activations],
        rows: NDArray[np.int64],
        labels: NDArray[np.int64],
        batch_size: int,
        seed: int,
        first_epoch: int,
    ) -> None:
        super().__init__()
        self._views, self._rows, self._labels = views, rows, labels
        self._batch_size, self._seed = batch_size, seed
        self._epoch = first_epoch
        self._shuffle()

    def _shuffle(self) -> None:
        # Seeded by epoch, so that a resumed run sees the same batches.
        rng = np.random.default_rng((self._seed, self._epoch))
        self._order = rng.permutation(self._rows)
        self._choice = rng.integers(len(self._views), size=len(self._rows))

    def on_epoch_end(self) -> None:
        """Draw the order and the views of the next epoch."""
        self._epoch += 1
        self._shuffle()

    def __len__(self) -> int:
        """Return the number of batches."""
        return -(-len(self._rows) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return activations (b, ...) and class indices (b,)."""
        return self.load(self.places(index))

    def places(self, index: int) -> NDArray[np.int64]:
        """Return which places in the order of the epoch a batch has."""
        start = index * self._batch_size
        return np.arange(start, min(start + self._batch_size, len(self._rows)))

    def load(
        self, places: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return activations and class indices of some places."""
        rows, choice = self._order[places], self._choice[places]
        chosen = [self._views[v][row] for row, v in zip(rows, choice, strict=True)]
        return np.stack(chosen).astype(np.float32), self._labels[rows]
