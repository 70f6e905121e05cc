"""What a user would be told: the answers at the two thresholds of a card, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from crack.evaluation.intervals import wilson_interval
from crack.evaluation.metrics import binary_metrics
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds


def count_answers(
    is_crack: ArrayLike, labels: Sequence[Label], thresholds: Thresholds
) -> dict[str, Any]:
    """Count the answers that images with and without a crack get.

    Args:
        is_crack: bool array (n,), the truth.
        labels: What the user is told of each.
        thresholds: Those of the model's card.

    Returns:
        thresholds (no_crack, crack), with_crack and without_crack; the last two hold
        how many images were answered with crack, review and no_crack.
    """
    pairs = list(zip(np.asarray(is_crack, dtype=bool).tolist(), labels, strict=True))
    return {
        "thresholds": asdict(thresholds),
        "with_crack": _count([label for truth, label in pairs if truth]),
        "without_crack": _count([label for truth, label in pairs if not truth]),
    }


def set_result(
    is_crack: ArrayLike, probability: ArrayLike, thresholds: Thresholds
) -> dict[str, Any]:
    """Return what a card says of a model on one test set.

    Args:
        is_crack: bool array (n,), the truth.
        probability: float array (n,), 0 to 1, of a crack.
        thresholds: Those of the model's card.

    Returns:
        n, accuracy, accuracy_interval, auroc and recall, scored as in
        `binary_metrics`; false_alarms: the sound images whose probability reaches the
        threshold for crack (count), of how many (total), and the interval of their
        share. Intervals are 95 %. What is not defined is None.
    """
    metrics = binary_metrics(is_crack, probability)
    (tn, _), (_, tp) = metrics["confusion"]
    sound = np.asarray(probability, dtype=float)[~np.asarray(is_crack, dtype=bool)]
    count, total = int((sound >= thresholds.crack).sum()), len(sound)
    return {
        "n": metrics["n"],
        "accuracy": metrics["accuracy"],
        "accuracy_interval": _interval(tn + tp, metrics["n"]),
        "auroc": metrics["auroc"],
        "recall": metrics["recall"],
        "false_alarms": {
            "count": count,
            "total": total,
            "interval": _interval(count, total),
        },
    }


def _count(labels: list[Label]) -> dict[str, int]:
    return {label.name.lower(): labels.count(label) for label in Label}


def _interval(successes: int, n: int) -> list[float] | None:
    # A list, as it is in the JSON of a card; without images nothing is known.
    return list(wilson_interval(successes, n)) if n else None
