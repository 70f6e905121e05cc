"""The answer for one photo, and its labels and reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


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
    """The answer for one photo, or the error that prevents one.

    Attributes:
        file: Name of the photo.
        label: None if there is an error, as are all fields up to `seconds`.
        threshold: Lowest probability for the label `crack`.
        probability: Calibrated probability of a crack.
        width: Of the upright photo, in pixels.
        height: Of the upright photo, in pixels.
        seconds: Time spent waiting for the photo; these add up to the time for all.
        error: What is wrong with the photo and what to do about it.
        reasons: Why a person should look at it; empty unless the label is `review`.
        log_odds: Of a crack in the photo, before calibration.
        distance: From the training images, in feature space, as `ood.py` measures it.
        heatmap: float32 array (rows, columns) spread over the whole photo: log-odds
            of a crack at each position, by the calibration of whole photos.
        regions: The regions that look most like a crack, the strongest first.
    """

    file: str
    label: Label | None
    probability: float | None
    threshold: float
    width: int | None
    height: int | None
    seconds: float
    error: str | None
    reasons: tuple[Reason, ...] = ()
    log_odds: float | None = None
    distance: float | None = None
    heatmap: NDArray[np.float32] | None = None
    regions: tuple[Region, ...] = ()
