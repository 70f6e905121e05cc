"""What a worker records about a training: the rows and objects of its files.

The types say what a file holds once it is read; `crack.runs.run` reads it. They are
dictionaries, as in the files, so that what a newer version adds survives.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypedDict, get_type_hints

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
    temperature: float
    offset: float
    best_epoch: int
    split_method: SplitMethod
    leak: Leak
    note: str


def check_metrics(found: Iterable[object]) -> None:
    """Refuse what are no metrics, as of `crack.inference.results.Metrics`.

    Raises:
        TypeError: One of them is something else.
    """
    for metrics in found:
        if not isinstance(metrics, dict) or not isinstance(metrics.get("n"), int):
            raise TypeError("metrics without n")
        numbers = [value for key, value in metrics.items() if key != "confusion"]
        if not all(
            value is None or isinstance(value, int | float) for value in numbers
        ):
            raise TypeError("a metric is no number")


def check_rows(rows: Iterable[dict[str, Any]], kind: type) -> None:
    """Refuse rows that a worker has not written like that.

    Args:
        rows: As read from a file.
        kind: The type they should have: its keys are looked for, with numbers in place
            of numbers and text in place of text.

    Raises:
        TypeError: One of them is something else.
    """
    wanted = {
        key: (str,) if hint is str else (int, float)
        for key, hint in get_type_hints(kind).items()
        if hint in (str, int, float)
    }
    for row in rows:
        for key, types in wanted.items():
            if not isinstance(row.get(key), types) or isinstance(row[key], bool):
                raise TypeError(f"{kind.__name__} without {key}")
