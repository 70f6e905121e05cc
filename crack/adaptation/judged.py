"""How an adapted head does on photos it was not fitted to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from crack.adaptation.examples import Examples, HeadChange
from crack.adaptation.refit import MOST_FOLDS, HeadFit, grouped_folds, log_loss
from crack.adaptation.replay import FEWEST_OLD
from crack.evaluation.answer_counts import count_answers, set_result
from crack.evaluation.calibration import fit_calibration
from crack.inference.results import AnswerCounts, OldImages, OldSource, SetResult
from crack.inference.thresholds import Thresholds, label_for

_MOST_REPEATS = 3
"""Of a new photo among the old images of a calibration. With 10 images of a class,
unlimited repeats left two to three times as much for review and found hardly more."""


@dataclass(frozen=True)
class Judged:
    """Photos and what a model says of them.

    Attributes:
        photos: The truth.
        log_odds: float64 array (n,), calibrated.
    """

    photos: Examples
    log_odds: NDArray[np.float64]

    @property
    def log_loss(self) -> float:
        """With both classes counting half."""
        return log_loss(self.photos, self.log_odds)

    def result(self, thresholds: Thresholds) -> SetResult:
        """Return what a card says of it."""
        photos = self.photos
        return set_result(
            photos.is_crack, expit(self.log_odds), thresholds, photos.group
        )

    def told(self, thresholds: Thresholds) -> AnswerCounts:
        """Return how many photos would get which answer by their probability."""
        answers = [label_for(float(p), thresholds) for p in expit(self.log_odds)]
        return count_answers(self.photos.is_crack, answers, thresholds)


@dataclass(frozen=True)
class Calibration:
    """How log-odds are turned into those of a probability that means what it says."""

    temperature: float
    offset: float

    def of(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return calibrated log-odds."""
        return np.asarray((log_odds - self.offset) / self.temperature)

    def after(self, first: Calibration) -> Calibration:
        """Return the calibration that is another one followed by this one."""
        return Calibration(
            first.temperature * self.temperature,
            first.offset + first.temperature * self.offset,
        )


def cross_validated(
    fit: HeadFit,
    measuring: Examples | None,
    log_odds_by: Callable[[list[HeadChange]], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Judge each photo by a head that was chosen, fitted and calibrated without it.

    Args:
        fit: With the photos, of at least two groups with each class.
        measuring: Old images for the calibration.
        log_odds_by: Returns the log-odds of each photo by a head of its own.

    Returns:
        The log-odds of the photos, without and with the new calibration.
    """
    photos = ~fit.new.is_view
    count = int(photos.sum())
    changes = [HeadChange(np.zeros(0, np.float32), 0.0)] * count
    temperatures, offsets = np.ones(count), np.zeros(count)
    folds = min(MOST_FOLDS, fit.new.fewest_photos)
    for held in grouped_folds(fit.new, folds):
        setting, scores = fit.choose(~held)
        change = fit.fit(~held, setting)
        calibration = calibrated_with(fit.new[~held], scores, measuring, change)
        for index in np.flatnonzero(held[photos]):
            changes[index] = change
        temperatures[held[photos]] = calibration.temperature
        offsets[held[photos]] = calibration.offset
    log_odds = log_odds_by(changes)
    return log_odds, (log_odds - offsets) / temperatures


def calibrated_with(
    new: Examples,
    log_odds: NDArray[np.float64],
    measuring: Examples | None,
    change: HeadChange,
) -> Calibration:
    """Return the calibration that fits new photos and old images alike.

    The new ones are repeated until they are as many as the old ones, a few times at
    most: what a handful of photos says, each judged without it, is too uncertain to
    stand against hundreds, and would leave most answers for review.

    Args:
        new: The truth.
        log_odds: float64 array (n,), of heads not fitted to the photos.
        measuring: Old images no head was fitted to, where there are any.
        change: Of the head, for their log-odds.
    """
    scores, truth = log_odds[~new.is_view], new.is_crack[~new.is_view]
    if measuring is None:
        return Calibration(*fit_calibration(scores, truth))
    repeats = np.ones(len(truth), np.int64)
    for crack in (True, False):
        wanted = int((measuring.is_crack == crack).sum())
        found = max(1, int((truth == crack).sum()))
        repeats[truth == crack] = min(max(1, round(wanted / found)), _MOST_REPEATS)
    old = measuring.log_odds + change.of(measuring.features)
    return Calibration(
        *fit_calibration(
            np.concatenate([np.repeat(scores, repeats), old]),
            np.concatenate([np.repeat(truth, repeats), measuring.is_crack]),
        )
    )


def on_old(
    measuring: Examples | None, source: NDArray[np.str_], change: HeadChange
) -> OldImages | None:
    """Return what a change of the head does to old images, if there are any.

    Args:
        measuring: Old images no head was fitted to.
        source: str array (n,), where each of them is from.
        change: Of the head, for calibrated log-odds.
    """
    if measuring is None:
        return None
    of_each = {name: measuring[source == name] for name in np.unique(source)}
    return {
        **_on_images(measuring, change),
        "sources": {
            str(name): _on_images(images, change)
            for name, images in of_each.items()
            if min(images.of_class) >= FEWEST_OLD
        },
    }


def _on_images(images: Examples, change: HeadChange) -> OldSource:
    after = images.log_odds + change.of(images.features)
    return {
        "n": len(images),
        "auroc_before": float(roc_auc_score(images.is_crack, images.log_odds)),
        "auroc_after": float(roc_auc_score(images.is_crack, after)),
    }
