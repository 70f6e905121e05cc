"""Curves of a set of images: ROC, precision-recall, and reliability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crack.evaluation.calibration import BINS, bin_of
from crack.evaluation.intervals import share_interval
from crack.evaluation.scored import ScoredImages

_POINTS = 400  # more are not seen


@dataclass(frozen=True)
class Curve:
    """A curve over all thresholds.

    Attributes:
        x: float64 array (points,), 0 to 1.
        y: float64 array (points,), 0 to 1.
        threshold: float64 array (points,), the probability from which on an image
            counts as cracked.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    threshold: NDArray[np.float64]


@dataclass(frozen=True)
class ReliabilityBin:
    """Images of similar probability.

    Attributes:
        probability: Their mean probability of a crack.
        share: Share of them with a crack.
        low: Lower end of its 95 % interval.
        high: Upper end.
        images: How many.
    """

    probability: float
    share: float
    low: float
    high: float
    images: int


@dataclass(frozen=True)
class Curves:
    """What can be had by choosing a threshold.

    Attributes:
        roc: The share of the cracks found (y) over that of false alarms (x).
        precision_recall: The precision (y) over the share of the cracks found (x).
    """

    roc: Curve
    precision_recall: Curve


def curves_of(images: ScoredImages) -> Curves | None:
    """Return the curves of images, None if all of them are of one class."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    if images.is_crack.all() or not images.is_crack.any():
        return None
    alarms, found, threshold = roc_curve(images.is_crack, images.probability)
    threshold[0] = 1.0  # infinity, which no image reaches
    roc = _thinned(alarms, found, threshold)
    right, found, threshold = precision_recall_curve(
        images.is_crack, images.probability
    )
    return Curves(roc, _thinned(found, right, np.append(threshold, 1.0)))


def reliability(images: ScoredImages) -> list[ReliabilityBin]:
    """Return how often there is a crack where the model says it is so likely."""
    place = bin_of(images.probability)
    bins = []
    for number in range(BINS):
        inside = place == number
        if not inside.any():
            continue
        truth = images.is_crack[inside]
        interval = share_interval(truth, images.group[inside])
        assert interval is not None
        bins.append(
            ReliabilityBin(
                probability=float(images.probability[inside].mean()),
                share=float(truth.mean()),
                low=interval[0],
                high=interval[1],
                images=int(inside.sum()),
            )
        )
    return bins


def _thinned(
    x: NDArray[np.float64], y: NDArray[np.float64], threshold: NDArray[np.float64]
) -> Curve:
    """Leave out points where there are too many, but not the corners of small sets."""
    places = np.arange(len(x))
    if len(x) > _POINTS:
        # Evenly along the curve: most points of a good model share a corner.
        length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        wanted = np.linspace(0, length[-1], _POINTS)
        places = np.unique(np.searchsorted(length, wanted).clip(max=len(x) - 1))
    return Curve(x[places], y[places], threshold[places])
