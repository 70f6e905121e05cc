"""Training on several replicas that take each step together.

A replica is a GPU or a process. `tf.distribute` adds up their gradients; all else that
they must agree on travels in the same way, since one that left alone would keep the
others waiting for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from crack.model.classifier import TrainedPart
from crack.training.progress import Stopped
from crack.training.shares import Share, Shares, TrainingShares, ValidationShares


class _Batches(Protocol):
    def __len__(self) -> int: ...

    def batch(self, index: int) -> Shares: ...


class InStep:
    """Trains a compiled part on all replicas of a strategy.

    Args:
        strategy: In whose scope the part was made and compiled.
        part: What is trained.
        callbacks: Those of Keras, which get the numbers of all replicas together. One
            of several processes may have others than the rest.
        wants_to_stop: Whether this process asks all of them to end.
    """

    def __init__(
        self,
        strategy: Any,
        part: TrainedPart,
        callbacks: Sequence[keras.callbacks.Callback],
        wants_to_stop: Callable[[], bool],
    ) -> None:
        self._strategy, self._part = strategy, part
        self._callbacks = keras.callbacks.CallbackList(list(callbacks), model=part)
        self._wants_to_stop = wants_to_stop
        self._trouble: Exception | None = None
        self._learn = self._on_all(self._learn_share)
        self._judge = self._on_all(self._judge_share)
        self._add_up = self._on_all(tf.identity)

    def fit(
        self, train: TrainingShares, val: ValidationShares, first: int, last: int
    ) -> None:
        """Train epochs, counted from 1.

        Raises:
            Stopped: A process asked for it.
        """
        self._part.stop_training = False
        self._tell(self._callbacks.on_train_begin)
        for epoch in range(first - 1, last):
            train.begin(epoch)
            self._tell(self._callbacks.on_epoch_begin, epoch)
            logs = self._pass(train, self._learn, self._callbacks.on_train_batch_end)
            measured = self._pass(val, self._judge)
            logs |= {f"val_{name}": value for name, value in measured.items()}
            self._tell(self._callbacks.on_epoch_end, epoch, logs)
            if self._are_to_end():
                break
        self._callbacks.on_train_end()

    def _pass(
        self, batches: _Batches, step: Any, after: Callable[..., None] | None = None
    ) -> dict[str, float]:
        """Go through the batches; return loss and accuracy."""
        sums = np.zeros(3)
        logs: dict[str, float] = {}
        # The next batch is read while the replicas compute.
        with ThreadPoolExecutor(1) as reader:
            ahead = reader.submit(self._placed, batches, 0)
            for index in range(len(batches)):
                shares = ahead.result()
                if index + 1 < len(batches):
                    ahead = reader.submit(self._placed, batches, index + 1)
                *added, leave = step(shares, self._leaves()).numpy()
                self._leave_if(leave)
                sums += added
                logs = {"loss": sums[0] / sums[2], "accuracy": sums[1] / sums[2]}
                if after is not None:
                    self._tell(after, index, logs)
        return logs

    def _placed(self, batches: _Batches, index: int) -> Any:
        """Return the shares in a batch of the replicas that this process has."""
        share = batches.batch(index)

        def value(context: Any) -> Share:
            return Share(*map(tf.constant, share(context.replica_id_in_sync_group)))

        return self._strategy.experimental_distribute_values_from_function(value)

    def _on_all(self, function: Callable[..., Any]) -> Any:
        """Return what runs a function on all replicas and adds up what it returns."""
        # Within, as in `fit` of Keras: TensorFlow then computes with the same rounding.
        once = tf.function(function)

        def run(*arguments: Any) -> Any:
            each = self._strategy.run(once, arguments)
            return self._strategy.reduce(tf.distribute.ReduceOp.SUM, each, axis=None)

        return run

    def _learn_share(self, share: Share, leaves: Any) -> Any:
        optimizer, variables = self._part.optimizer, self._part.trainable_variables
        with tf.GradientTape() as tape:
            losses, right = self._answers(share)
            # Of the whole batch: the optimizer adds up the gradients of all shares.
            loss = tf.reduce_sum(losses * share.weights) / share.size
            scaled = optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, [variable.value for variable in variables])
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return _sums(share, losses, right, leaves)

    def _judge_share(self, share: Share, leaves: Any) -> Any:
        return _sums(share, *self._answers(share), leaves)

    def _answers(self, share: Share) -> tuple[Any, Any]:
        """Return the loss of each sample, and 1 for each right answer."""
        features = tf.cast(self._part.features(share.activations), tf.float32)
        answers = self._part.head(features * share.kept)
        losses = keras.losses.sparse_categorical_crossentropy(share.labels, answers)
        right = tf.argmax(answers, axis=-1) == share.labels
        return losses, tf.cast(right, tf.float32)

    def _leaves(self) -> Any:
        leaves = self._trouble is not None or self._wants_to_stop()
        return tf.constant(float(leaves))

    def _leave_if(self, wanted: float) -> None:
        if wanted > 0:
            raise self._trouble or Stopped

    def _are_to_end(self) -> bool:
        """Ask all processes whether the callbacks of one want this to be the last."""
        ends = tf.constant(float(self._part.stop_training))
        leave, end = self._add_up(tf.stack([self._leaves(), ends])).numpy()
        self._leave_if(leave)
        return bool(end > 0)

    def _tell(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Call a callback; what it raises ends the training of all at the next step."""
        if self._trouble is None:
            try:
                callback(*arguments)
            except Exception as error:  # noqa: BLE001 - see above; it is raised there
                self._trouble = error


def _sums(share: Share, losses: Any, right: Any, leaves: Any) -> Any:
    """Return what is added up: loss, right answers, samples, who leaves."""
    return tf.stack(
        [
            tf.reduce_sum(losses * share.weights),
            tf.reduce_sum(right * share.counted),
            tf.reduce_sum(share.counted),
            leaves,
        ]
    )
