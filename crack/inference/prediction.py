"""The answer for one photo, its labels and reasons, or the error instead of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

THUMBNAIL = 96
"""Longest side in pixels of the picture of a photo in a list."""


class Label(StrEnum):
    """The answer for one photo."""

    CRACK = "crack"
    REVIEW = "review"
    NO_CRACK = "no crack"


class Reason(StrEnum):
    """Why a person should look at a photo, in the words a user reads."""

    CLOSE_CALL = "close call"
    REGION = "one region stands out"
    BLURRED = "blurred"
    DARK = "too dark"
    OVEREXPOSED = "overexposed"
    SMALL = "too small"
    OUT_OF_DISTRIBUTION = "unlike the training data"


@dataclass(frozen=True)
class Region:
    """A region of a photo that looks like a crack.

    Attributes:
        left: In pixels of the upright photo, as are the next three.
        top: From the upper edge.
        width: Of the region.
        height: Of the region.
        probability: Of a crack in this region alone, 0 to 1, by the calibration of
            whole photos; none was fitted for single regions.
    """

    left: int
    top: int
    width: int
    height: int
    probability: float


@dataclass(frozen=True)
class Prediction:
    """The answer for one photo.

    Attributes:
        file: Name of the photo.
        label: The answer.
        probability: Calibrated probability of a crack.
        threshold: Lowest probability for the label `crack`.
        width: Of the upright photo, in pixels.
        height: Of the upright photo, in pixels.
        mm_per_pixel: Millimetres of wall per pixel that the model was told, None if
            not known.
        seconds: Time spent waiting for the photo; these add up to the time for all.
        log_odds: Of a crack in the photo, before calibration.
        distance: From the training images, in feature space, as `ood.py` measures it.
        reasons: Why a person should look at it; empty unless the label is `review`.
        regions: The regions that look most like a crack, the strongest first.
        heatmap: float32 array (rows, columns) spread over the whole photo: log-odds
            of a crack at each position, by the calibration of whole photos. None if
            the answer was read from the database; `stored_heatmap` of
            `crack.inspections.photo_files` returns it then.
        thumbnail: uint8 array (height, width, 3), the upright photo, small enough for
            a list: at most `THUMBNAIL` pixels long. None as for `heatmap`.
    """

    file: str
    label: Label
    probability: float
    threshold: float
    width: int
    height: int
    mm_per_pixel: float | None
    seconds: float
    log_odds: float
    distance: float
    reasons: tuple[Reason, ...] = ()
    regions: tuple[Region, ...] = ()
    heatmap: NDArray[np.float32] | None = None
    thumbnail: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class FailedPhoto:
    """A photo that could not be answered.

    Attributes:
        file: Name of the photo.
        error: What is wrong with the photo and what to do about it.
        threshold: As in `Prediction`; the tables list it for every photo.
        seconds: As in `Prediction`.
    """

    file: str
    error: str
    threshold: float
    seconds: float


Outcome = Prediction | FailedPhoto
"""What a model returns for a photo."""


def label_of(outcome: Outcome) -> Label | None:
    """Return the label, None for a photo that could not be answered."""
    return outcome.label if isinstance(outcome, Prediction) else None
