"""Curves of a set of images: ROC, precision-recall, and reliability.

A curve is of the probability alone. The points of a model's thresholds are of its
answers, so they lie beside the curve where an image needs review whatever its
probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crack.evaluation.calibration import BINS, bin_of
from crack.evaluation.intervals import share_interval
from crack.evaluation.scored import ScoredImages
from crack.evaluation.trade import answer_table
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds

_POINTS = 400  # more are not seen


@dataclass(frozen=True)
class Mark:
    """What the answers at one of the two thresholds of a model come to.

    Attributes:
        x: 0 to 1, as of the curve.
        y: 0 to 1, as of the curve.
        threshold: The probability at which the answer changes.
        answers: Which answers count as cracked: "crack" at the upper threshold, "needs
            review" too at the lower one.
    """

    x: float
    y: float
    threshold: float
    answers: tuple[Label, ...]


@dataclass(frozen=True)
class Curve:
    """A curve over all thresholds.

    Attributes:
        x: float64 array (points,), 0 to 1.
        y: float64 array (points,), 0 to 1.
        threshold: float64 array (points,), the probability from which on an image
            counts as cracked; infinite where none does.
        marks: The thresholds of the model, from the lower; one is missing where no
            answer counts as cracked, so that no precision is defined.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    threshold: NDArray[np.float64]
    marks: tuple[Mark, ...]


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


def curves_of(images: ScoredImages, thresholds: Thresholds) -> Curves | None:
    """Return the curves of images, None if all of them are of one class.

    Args:
        images: Judged ones.
        thresholds: Of the model, to be marked.
    """
    from sklearn.metrics import precision_recall_curve, roc_curve

    truth = images.is_crack
    if truth.all() or not truth.any():
        return None
    alarms, found, threshold = roc_curve(
        truth, images.probability, drop_intermediate=len(images) > _POINTS
    )
    on_roc, on_precision = _marks(images, thresholds)
    roc = Curve(*_thinned(alarms, found, threshold), on_roc)
    right, found, threshold = precision_recall_curve(
        truth, images.probability, drop_intermediate=len(images) > _POINTS
    )
    points = _thinned(found, right, np.append(threshold, np.inf))
    return Curves(roc, Curve(*points, on_precision))


def _marks(
    images: ScoredImages, thresholds: Thresholds
) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """Count the answers, as the table of them does, for the marks of both curves."""
    counts = answer_table(images, thresholds)
    cracked, sound = (sum(counts[truth].values()) for truth in (True, False))
    on_roc, on_precision = [], []
    for threshold, answers in (
        (thresholds.no_crack, (Label.CRACK, Label.REVIEW)),
        (thresholds.crack, (Label.CRACK,)),
    ):
        found, alarms = (
            sum(counts[truth][label] for label in answers) for truth in (True, False)
        )
        recall = found / cracked
        on_roc.append(Mark(alarms / sound, recall, threshold, answers))
        if called := found + alarms:
            on_precision.append(Mark(recall, found / called, threshold, answers))
    return tuple(on_roc), tuple(on_precision)


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
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Leave out points where there are too many, but not the corners of small sets."""
    places = np.arange(len(x))
    if len(x) > _POINTS:
        # Evenly along the curve: most points of a good model share a corner.
        length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        wanted = np.linspace(0, length[-1], _POINTS)
        places = np.unique(np.searchsorted(length, wanted).clip(max=len(x) - 1))
    return x[places], y[places], threshold[places]
