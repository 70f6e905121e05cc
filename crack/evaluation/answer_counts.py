"""What users would have been told: the answers at a card's two thresholds, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import ArrayLike

from crack.evaluation.intervals import share_interval
from crack.evaluation.metrics import DECISION, binary_metrics
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
    is_crack: ArrayLike,
    probability: ArrayLike,
    thresholds: Thresholds,
    group: ArrayLike | None = None,
) -> SetResult:
    """Return the result of a model on one test set, for its card.

    Accuracy and recall are scored as in `binary_metrics`; a false alarm is counted at
    the threshold for crack, as users see it.

    Args:
        is_crack: bool array (n,), the truth.
        probability: float array (n,), 0 to 1, of a crack.
        thresholds: Those of the model's card.
        group: int array (n,), equal for images that belong together; None where that
            is not known.
    """
    metrics = binary_metrics(is_crack, probability)
    truth = np.asarray(is_crack, dtype=bool)
    scores = np.asarray(probability, dtype=float)
    alone = np.arange(len(truth)) if group is None else np.asarray(group)
    alarm = scores[~truth] >= thresholds.crack
    result: SetResult = {
        "n": metrics["n"],
        "accuracy": metrics["accuracy"],
        "accuracy_interval": _interval(truth == (scores >= DECISION), alone),
        "auroc": metrics["auroc"],
        "recall": metrics["recall"],
        "false_alarms": {
            "count": int(alarm.sum()),
            "total": len(alarm),
            "interval": _interval(alarm, alone[~truth]),
        },
    }
    if group is not None:
        result["interval_groups"] = len(np.unique(alone))
    return result


def _count(labels: list[Label]) -> dict[str, int]:
    return {label.name.lower(): labels.count(label) for label in Label}


def _interval(hit: ArrayLike, group: ArrayLike) -> list[float] | None:
    interval = share_interval(hit, group)
    return interval and list(interval)  # a list, as in the JSON of a card
