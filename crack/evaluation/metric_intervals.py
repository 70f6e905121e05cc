"""The intervals of all metrics of a set of images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypedDict, get_args

import numpy as np
from numpy.typing import NDArray

from crack.evaluation.calibration import BINS, bin_of
from crack.evaluation.intervals import (
    GroupBootstrap,
    Interval,
    auroc_interval,
    share_interval,
    sum_interval,
)
from crack.evaluation.metrics import DECISION
from crack.evaluation.scored import ScoredImages
from crack.inference.results import ScoreKey

Values = NDArray[np.float64]

STATISTICS: tuple[ScoreKey, ...] = get_args(ScoreKey)
"""What `Statistics` returns, in this order."""


class MetricInterval(TypedDict):
    """Where the true value of a metric lies, with 95 % confidence.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        method: How it was found, in words.
    """

    low: float
    high: float
    method: str


def metric_intervals(images: ScoredImages) -> dict[ScoreKey, MetricInterval | None]:
    """Return the interval of each metric of `binary_metrics`; None where unknown.

    Args:
        images: Judged ones.
    """
    truth, said = images.is_crack, images.probability >= DECISION
    alone = len(np.unique(images.group)) == len(images)
    by_share = "Wilson" if alone else "Wilson, counting groups of photos"
    shares: dict[ScoreKey, NDArray[np.bool_]] = {
        "accuracy": np.ones(len(images), np.bool_),
        "recall": truth,
        "precision": said,
    }
    right = truth == said
    found: dict[ScoreKey, MetricInterval | None] = {
        key: _named(share_interval(right[of], images.group[of]), by_share)
        for key, of in shares.items()
    }
    drawn = drawn_intervals(images)
    by_drawing = f"bootstrap over {'images' if alone else 'groups of photos'}"
    for key in STATISTICS:
        found.setdefault(key, _named(drawn[key], by_drawing))
    if drawn["ece"]:
        found["ece"] = _named(drawn["ece"], f"pivotal {by_drawing}")
    for key, interval in drawn.items():
        if interval and interval[0] == interval[1] and key not in shares:
            # All right, or all wrong: drawing again changes nothing.
            found[key] = _from_counts(key, images, interval[0], by_share)
    return found


def _from_counts(
    key: ScoreKey, images: ScoredImages, value: float, by_share: str
) -> MetricInterval | None:
    """Return an interval from how many groups there are, None where none is known."""
    truth, group = images.is_crack, images.group
    said = images.probability >= DECISION
    if key == "auroc":
        sides = [len(np.unique(group[truth == side])) for side in (True, False)]
        return _named(auroc_interval(value, *sides), "Newcombe")
    if key == "balanced_accuracy":
        both = [
            share_interval(said[truth == side] == side, group[truth == side])
            for side in (True, False)
        ]
        return _named(_of_mean(value, both), f"{by_share}, both classes")
    if key == "f1":
        either = truth | said
        share = share_interval((truth & said)[either], group[either])
        # F1 grows with the share of right ones among those with or called crack.
        ends = share and (2 * share[0] / (1 + share[0]), 2 * share[1] / (1 + share[1]))
        return _named(ends, by_share)
    return None


def _of_mean(value: float, shares: Sequence[Interval | None]) -> Interval | None:
    """Return the interval of the mean of shares.

    Args:
        value: The mean; the shares are all equal to it.
        shares: Their intervals.
    """
    known = [share for share in shares if share]
    if len(known) < len(shares):
        return None
    low, high = sum_interval([value] * len(known), known)
    return low / len(known), high / len(known)


def drawn_intervals(images: ScoredImages) -> dict[ScoreKey, Interval | None]:
    """Return the bootstrap intervals of all metrics.

    Args:
        images: Judged ones.
    """
    if not len(images):
        return dict.fromkeys(STATISTICS)
    statistics = Statistics(images)
    intervals = GroupBootstrap(images.group).intervals(statistics)
    found = dict(zip(STATISTICS, intervals, strict=True))
    if found["ece"]:
        # Noise in the bins only adds to it, and a drawing has it twice; so the interval
        # is turned around the value (Davison and Hinkley 1997, section 5.2).
        value = float(statistics(np.ones((1, len(images))))[0, STATISTICS.index("ece")])
        low, high = found["ece"]
        found["ece"] = max(0.0, 2 * value - high), max(0.0, 2 * value - low)
    return found


class Statistics:
    """The metrics of images that count more than once, or not at all.

    Args:
        images: Judged ones.
    """

    def __init__(self, images: ScoredImages) -> None:
        truth, probability = images.is_crack, images.probability
        said = probability >= DECISION
        self._truth = truth
        self._cells = np.stack(
            [truth & said, ~truth & said, truth & ~said, ~truth & ~said], 1
        ).astype(float)
        self._order = np.argsort(probability, kind="stable")
        ascending = probability[self._order]
        # Images of one probability are neither above nor below one another.
        changes = np.flatnonzero(np.diff(ascending)) + 1
        self._starts = np.concatenate([[0], changes])
        self._gaps = truth - probability
        self._squares = self._gaps**2
        self._bins = np.eye(BINS)[bin_of(probability)]

    def __call__(self, weights: Values) -> Values:
        """Return the metrics in the order of `STATISTICS`.

        Args:
            weights: float64 array (draws, n).

        Returns:
            float64 array (draws, metrics); not a number where it is undefined.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            tp, fp, fn, tn = (weights @ self._cells).T
            total = weights.sum(1)
            recall = tp / (tp + fn)
            auroc, average_precision = self._ranked(weights)
            bins = (weights * self._gaps) @ self._bins
            found: dict[ScoreKey, Values] = {
                "accuracy": (tp + tn) / total,
                "balanced_accuracy": (recall + tn / (tn + fp)) / 2,
                "recall": recall,
                "precision": tp / (tp + fp),
                "f1": 2 * tp / (2 * tp + fp + fn),
                "auroc": auroc,
                "average_precision": average_precision,
                "ece": np.abs(bins).sum(1) / total,
                "brier": weights @ self._squares / total,
            }
        return np.stack([found[key] for key in STATISTICS], 1)

    def _ranked(self, weights: Values) -> tuple[Values, Values]:
        """Return AUROC and average precision, as scikit-learn defines them."""
        sorted_weights = weights[:, self._order]
        at_each = partial(np.add.reduceat, indices=self._starts, axis=1)
        crack = self._truth[self._order]
        with_crack = at_each(sorted_weights * crack)
        without = at_each(sorted_weights * ~crack)
        cracks, sound = with_crack.sum(1), without.sum(1)
        below = without.cumsum(1) - without / 2
        auroc = (with_crack * below).sum(1) / (cracks * sound)
        found = with_crack[:, ::-1].cumsum(1)
        called = found + without[:, ::-1].cumsum(1)
        precision = np.where(called > 0, found / called, 0)
        average = (with_crack[:, ::-1] * precision).sum(1) / cracks
        return auroc, np.where(sound > 0, average, np.nan)


def _named(interval: Interval | None, method: str) -> MetricInterval | None:
    if interval is None:
        return None
    return {"low": interval[0], "high": interval[1], "method": method}
