"""What users would have been told: the answers at a card's two thresholds, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import ArrayLike

from crack.evaluation.intervals import wilson_interval
from crack.evaluation.metrics import binary_metrics
from crack.inference.prediction import Label
from crack.inference.results import AnswerCounts, SetResult
from crack.inference.thresholds import Thresholds


def count_answers(
    is_crack: ArrayLike, labels: Sequence[Label], thresholds: Thresholds
) -> AnswerCounts:
    """Count the answers that images with and without a crack get.

    Args:
        is_crack: bool array (n,), the truth.
        labels: The answer for each, as shown to users.
        thresholds: Those of the model's card.
    """
    pairs = list(zip(np.asarray(is_crack, dtype=bool).tolist(), labels, strict=True))
    return {
        "thresholds": asdict(thresholds),
        "with_crack": _count([label for truth, label in pairs if truth]),
        "without_crack": _count([label for truth, label in pairs if not truth]),
    }


def set_result(
    is_crack: ArrayLike, probability: ArrayLike, thresholds: Thresholds
) -> SetResult:
    """Return the result of a model on one test set, for its card.

    Accuracy and recall are scored as in `binary_metrics`; a false alarm is counted at
    the threshold for crack, as users see it.

    Args:
        is_crack: bool array (n,), the truth.
        probability: float array (n,), 0 to 1, of a crack.
        thresholds: Those of the model's card.
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
    # A list, as in the JSON of a card; None because nothing is known without images.
    return list(wilson_interval(successes, n)) if n else None
