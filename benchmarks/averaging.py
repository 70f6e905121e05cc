"""Each epoch ends with the mean of the weights that it went through.

Weights on the way of a constant learning rate circle around a wide valley of the loss.
Their mean lies inside of it and answers better about data from elsewhere (Izmailov et
al. 2018, UAI, "Averaging weights leads to wider optima and better generalization"; of
every step as here: Cha et al. 2021, NeurIPS, "SWAD: domain generalization by seeking
flat minima"). The next epoch goes on from there.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


class EpochAverage(keras.callbacks.Callback):
    """Gives a model the mean of its weights at the end of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self._sums: list[Any] = []
        self._steps = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin a new mean."""
        weights = self._weights()
        if not self._sums:
            self._sums = [tf.Variable(tf.zeros(w.shape, w.dtype)) for w in weights]
            self._add = tf.function(self._add_weights)
        for total in self._sums:
            total.assign(tf.zeros_like(total))
        self._steps = 0

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Count the weights after a step."""
        self._add()
        self._steps += 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Give the model the mean."""
        for weight, total in zip(self._weights(), self._sums, strict=True):
            weight.assign(total / self._steps)

    def _add_weights(self) -> None:
        for weight, total in zip(self._weights(), self._sums, strict=True):
            total.assign_add(weight)

    def _weights(self) -> list[Any]:
        return [variable.value for variable in self.model.trainable_variables]
