"""What thresholds cost: cracks missed, false alarms, and photos left for a person.

A photo is worth another person's look if it is "needs review". The numbers are per
1,000 photos, at a share of cracked ones that the reader sets: that of the images judged
says nothing about the reader's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crack.errors import CrackError
from crack.evaluation.intervals import Interval, share_interval, sum_interval
from crack.evaluation.scored import ANSWERS, ScoredImages
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds

PHOTOS = 1000


@dataclass(frozen=True)
class Trade:
    """What comes of 1,000 photos.

    Attributes:
        found: Photos with a crack, answered with "crack".
        missed: Photos with a crack, answered with "no crack".
        false_alarms: Photos without one, answered with "crack".
        review: Photos left for a person, with and without a crack.
        sound: Photos without one, answered with "no crack".
    """

    found: float
    missed: float
    false_alarms: float
    review: float
    sound: float


def answer_table(
    images: ScoredImages, thresholds: Thresholds
) -> dict[bool, dict[Label, int]]:
    """Count the answers to images with a crack (True) and without (False)."""
    said = images.answers(thresholds)
    counted = np.bincount(said + 3 * images.is_crack, minlength=6).tolist()
    return {
        truth: dict(zip(ANSWERS, counted[3 * truth : 3 * truth + 3], strict=True))
        for truth in (True, False)
    }


def trade(images: ScoredImages, thresholds: Thresholds, share: float) -> Trade:
    """Return what comes of 1,000 photos.

    Args:
        images: Judged ones, with both classes.
        thresholds: At which the answer changes.
        share: Of photos with a crack among those to come, 0 to 1.

    Raises:
        CrackError: The images are all of one class.
    """
    counts = answer_table(images, thresholds)
    sizes = {truth: sum(row.values()) for truth, row in counts.items()}
    if not all(sizes.values()):
        raise CrackError(
            "What thresholds cost needs images with a crack and without; these are "
            "all of one class.",
            "Choose an evaluation on both.",
        )
    here = {True: share, False: 1 - share}
    cracked, intact = (
        {said: PHOTOS * here[truth] * n / sizes[truth] for said, n in row.items()}
        for truth, row in counts.items()
    )
    return Trade(
        found=cracked[Label.CRACK],
        missed=cracked[Label.NO_CRACK],
        false_alarms=intact[Label.CRACK],
        review=cracked[Label.REVIEW] + intact[Label.REVIEW],
        sound=intact[Label.NO_CRACK],
    )


def trade_intervals(
    images: ScoredImages, thresholds: Thresholds, share: float
) -> dict[str, Interval]:
    """Return the 95 % interval of each number of `trade`, by its name.

    Args:
        images: As of `trade`.
        thresholds: The same.
        share: The same.
    """
    said = images.answers(thresholds)
    value: dict[tuple[bool, Label], float] = {}
    ends: dict[tuple[bool, Label], Interval] = {}
    for truth, photos in ((True, PHOTOS * share), (False, PHOTOS * (1 - share))):
        inside = images.is_crack == truth
        for number, label in enumerate(ANSWERS):
            hit = said[inside] == number
            interval = share_interval(hit, images.group[inside])
            assert interval is not None
            value[truth, label] = photos * float(hit.mean())
            ends[truth, label] = photos * interval[0], photos * interval[1]
    looked_at = [(truth, Label.REVIEW) for truth in (True, False)]
    return {
        "found": ends[True, Label.CRACK],
        "missed": ends[True, Label.NO_CRACK],
        "false_alarms": ends[False, Label.CRACK],
        "review": sum_interval(
            [value[each] for each in looked_at], [ends[each] for each in looked_at]
        ),
        "sound": ends[False, Label.NO_CRACK],
    }


def thresholds_for_shares(
    images: ScoredImages, most_missed: float, most_false_alarms: float
) -> Thresholds:
    """Return the thresholds that keep both errors small and leave least for review.

    Args:
        images: Judged ones, with both classes.
        most_missed: Share of the images with a crack that may be answered with "no
            crack", 0 to 1.
        most_false_alarms: Share of those without one that may be answered with
            "crack".
    """
    decided = ~images.look
    everyone = images.probability[decided]
    crack = _lowest(
        images.probability[decided & ~images.is_crack],
        everyone,
        int(most_false_alarms * np.sum(~images.is_crack)),
    )
    # A region that is a crack by itself keeps a photo from being "no crack".
    missable = decided & images.is_crack & (images.strongest < crack)
    no_crack = _highest(
        images.probability[missable],
        everyone,
        int(most_missed * np.sum(images.is_crack)),
    )
    if no_crack > crack:  # nothing needs review: any value between would do
        no_crack = crack = _readable(crack, no_crack)
    return Thresholds(no_crack, crack)


def thresholds_for_costs(
    images: ScoredImages, miss: float, false_alarm: float, share: float
) -> Thresholds:
    """Return the thresholds of the least cost (Chow 1970), counted on the images.

    Args:
        images: Judged ones, with both classes.
        miss: Cost of a crack answered with "no crack", in looks of a person.
        false_alarm: Cost of a "crack" that is none, in looks of a person.
        share: Of photos with a crack among those to come, 0 to 1.
    """
    order = np.argsort(images.probability, kind="stable")
    order = order[~images.look[order]]
    probability, truth = images.probability[order], images.is_crack[order]
    looks = np.where(
        truth, share / images.is_crack.sum(), (1 - share) / (~images.is_crack).sum()
    )
    # Of the images below a cut, and of those above it: as answers instead of looks.
    below = _sums(looks * (miss * truth - 1))
    above = _sums((looks * (false_alarm * ~truth - 1))[::-1])[::-1]
    places = _places(probability)
    below, above = below[places], above[places]
    lower = np.minimum.accumulate(below)
    upper = int(np.argmin(lower + above))
    first = int(np.argmin(below[: upper + 1]))
    ends = np.concatenate([[0.0], probability, [1.0]])
    no_crack, crack = (
        _readable(float(ends[place]), float(ends[place + 1]))
        for place in places[[first, upper]].tolist()
    )
    return Thresholds(min(no_crack, crack), crack)


def _lowest(
    limiting: NDArray[np.float64], everyone: NDArray[np.float64], most: int
) -> float:
    """Return the lowest cut that at most so many of the limiting ones reach."""
    if most >= len(limiting):
        return 0.0
    below = float(np.sort(limiting)[::-1][most])
    return _readable(below, float(np.min(everyone[everyone > below], initial=1.0)))


def _highest(
    limiting: NDArray[np.float64], everyone: NDArray[np.float64], most: int
) -> float:
    """Return the highest cut that at most so many of the limiting ones are below."""
    if most >= len(limiting):
        return 1.0
    at_least = float(np.sort(limiting)[most])
    return _readable(float(np.max(everyone[everyone < at_least], initial=0)), at_least)


def _places(probability: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many of these ascending probabilities a cut can leave below it."""
    changes = np.flatnonzero(np.diff(probability)) + 1
    return np.concatenate([[0], changes, [len(probability)]])


def _sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([[0.0], np.cumsum(values)])


def _readable(low: float, high: float) -> float:
    """Return a number above `low` and up to `high`, with as few digits as will do."""
    for digits in range(2, 17):
        number = round((low + high) / 2, digits)
        if low < number <= high:
            return number
    return high
