"""How often the answers are right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from crack.evaluation.calibration import expected_calibration_error
from crack.evaluation.intervals import share_interval
from crack.inference.results import Metrics

DECISION = 0.5
"""Probability from which on a picture counts as cracked when answers are scored."""


def binary_metrics(is_crack: ArrayLike, probability: ArrayLike) -> Metrics:
    """Score probabilities against the truth; crack is the positive class.

    Args:
        is_crack: bool array (n,), the truth.
        probability: float array (n,), 0 to 1, of a crack.
    """
    # Here: pages that only need the constants would pay for all of scikit-learn.
    from sklearn.metrics import average_precision_score, roc_auc_score

    truth = np.asarray(is_crack, dtype=bool)
    scores = np.asarray(probability, dtype=float)
    said = scores >= DECISION
    tp, fp = int(np.sum(truth & said)), int(np.sum(~truth & said))
    fn, tn = int(np.sum(truth & ~said)), int(np.sum(~truth & ~said))
    recall, specificity = _ratio(tp, tp + fn), _ratio(tn, tn + fp)
    balanced = None
    if recall is not None and specificity is not None:
        balanced = (recall + specificity) / 2
    both = balanced is not None
    return {
        "n": len(truth),
        "accuracy": _ratio(tp + tn, len(truth)),
        "balanced_accuracy": balanced,
        "precision": _ratio(tp, tp + fp),
        "recall": recall,
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "auroc": float(roc_auc_score(truth, scores)) if both else None,
        "average_precision": (
            float(average_precision_score(truth, scores)) if both else None
        ),
        "ece": expected_calibration_error(truth, scores),
        "brier": float(np.mean((truth - scores) ** 2)) if len(truth) else None,
        "confusion": [[tn, fp], [fn, tp]],
    }


def metrics_by_group(
    is_crack: ArrayLike, probability: ArrayLike, group: ArrayLike
) -> Metrics:
    """Return `binary_metrics` with the interval of the accuracy, which counts groups.

    Args:
        is_crack: bool array (n,), the truth.
        probability: float array (n,), 0 to 1, of a crack.
        group: int array (n,), equal for images that belong together.
    """
    right = np.asarray(is_crack, bool) == (np.asarray(probability, float) >= DECISION)
    interval = share_interval(right, group)
    return {
        **binary_metrics(is_crack, probability),
        # A list, as in the JSON of a card.
        "accuracy_interval": interval and list(interval),
        "interval_groups": len(np.unique(np.asarray(group))),
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
