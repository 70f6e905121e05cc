"""What a worker records about a training: the rows and objects of its files.

The types say what a file holds once it is read; `crack.runs.run` reads it. They are
dictionaries, as in the files, so that what a newer version adds survives.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from crack.data.split import Leak, SplitMethod
from crack.inference.results import Metrics

Metric = Literal["loss", "accuracy", "val_loss", "val_accuracy"]
"""What is measured in each epoch, a key of `HistoryRow`."""


class HistoryRow(TypedDict):
    """An epoch, a line of `history.jsonl`.

    Attributes:
        epoch: Its number, from 1, counting on through both phases.
        phase: Value of a `crack.runs.config.Phase`.
        loss: On the training images, mean over the epoch.
        accuracy: On the training images, mean over the epoch.
        val_loss: On the validation images, after it.
        val_accuracy: On the validation images, after it.
        learning_rate: At its end.
        seconds: It took.
    """

    epoch: int
    phase: str
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float


class StepRow(TypedDict):
    """A point within an epoch, a line of `steps.jsonl`; there are a few for each.

    Attributes:
        epoch: Number of the epoch.
        phase: Value of a `crack.runs.config.Phase`.
        position: Epochs done, with a fraction.
        loss: Mean since the epoch began.
        accuracy: Mean since the epoch began.
    """

    epoch: int
    phase: str
    position: float
    loss: float
    accuracy: float


class PhaseRow(TypedDict):
    """What a finished phase took, a line of `phases.jsonl`.

    Attributes:
        phase: Value of a `crack.runs.config.Phase`.
        epochs: Trained in it.
        trainable_parameters: Of the network in this phase.
        total_parameters: Of the network.
        cache_seconds: For passing the images through the frozen layers.
        train_seconds: For its epochs, those before an interruption too.
        val_accuracy: Of its best epoch.
        val_loss: Of its best epoch.
    """

    phase: str
    epochs: int
    trainable_parameters: int
    total_parameters: int
    cache_seconds: float
    train_seconds: float
    val_accuracy: float
    val_loss: float


class Evaluation(TypedDict):
    """How good the exported model is, the content of `evaluation.json`.

    Attributes:
        val: Metrics on the validation images, which also calibrated it.
        test: Metrics on the test images.
        temperature: Of the calibration.
        offset: Of the calibration; 0 in files of the first version, which lack it.
        best_epoch: Number of the epoch whose weights were exported.
        split_method: How the dataset was split.
        leak: Of the split.
        note: Of the dataset; "" in files of the first version, which lack it.
    """

    val: Metrics
    test: Metrics
    temperature: NotRequired[float]
    offset: float
    best_epoch: NotRequired[int]
    split_method: NotRequired[SplitMethod]
    leak: Leak
    note: str
