"""How often the answers are right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import average_precision_score, roc_auc_score

from crack.evaluation.calibration import expected_calibration_error

DECISION = 0.5
"""Probability from which on a picture counts as cracked when answers are scored."""


def binary_metrics(is_crack: ArrayLike, probability: ArrayLike) -> dict[str, Any]:
    """Score probabilities against the truth; crack is the positive class.

    Args:
        is_crack: bool array (n,), the truth.
        probability: float array (n,), 0 to 1, of a crack.

    Returns:
        n, accuracy, balanced_accuracy, precision, recall, f1, auroc,
        average_precision and ece, each None where it is not defined (a class without
        samples, no positive answer); confusion as [[tn, fp], [fn, tp]].
    """
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
        "confusion": [[tn, fp], [fn, tp]],
    }


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion (Wilson 1927, JASA 22, 209-212).

    Unlike the textbook formula it stays within 0 and 1 and has a width even where
    every answer was right; (0, 1) for n = 0.
    """
    if n == 0:
        return 0.0, 1.0
    z = 1.959964  # 97.5 % quantile of the normal distribution
    share = successes / n
    centre = share + z**2 / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
