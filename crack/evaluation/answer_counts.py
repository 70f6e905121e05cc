"""What users would have been told: the answers at a card's two thresholds, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import ArrayLike

from crack.evaluation.intervals import share_interval
from crack.evaluation.metrics import metrics_by_group
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
    sound = ~np.asarray(is_crack, dtype=bool)
    groups = np.arange(len(sound)) if group is None else np.asarray(group)
    metrics = metrics_by_group(is_crack, probability, groups)
    alarm = np.asarray(probability, dtype=float)[sound] >= thresholds.crack
    interval = share_interval(alarm, groups[sound])
    result: SetResult = {
        "n": metrics["n"],
        "accuracy": metrics["accuracy"],
        "accuracy_interval": metrics["accuracy_interval"],
        "auroc": metrics["auroc"],
        "recall": metrics["recall"],
        "false_alarms": {
            "count": int(alarm.sum()),
            "total": len(alarm),
            "interval": interval and list(interval),  # a list, as in JSON
        },
    }
    if group is not None:
        result["interval_groups"] = metrics["interval_groups"]
    return result


def _count(labels: list[Label]) -> dict[str, int]:
    return {label.name.lower(): labels.count(label) for label in Label}
