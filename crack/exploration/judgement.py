"""What a model makes of each image of a dataset: is the label likely, is it strange?"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack.data.dataset import Dataset, Progress
from crack.data.images import decode_image
from crack.errors import CrackError
from crack.exploration.dataset_map import keep_coarse_map
from crack.exploration.features import FEATURES_PER_SECOND, features_of
from crack.exploration.kept import keep, kept_file, recall
from crack.inference.image_quality import sharpness

_WHAT = "judgement"
_CRACK, _STRANGENESS, _SHARPNESS = "crack", "strangeness", "sharpness"

# Variance of the Laplacian. 0.6 % of the blurred images are above; below it most are
# sharp, but of plain concrete (`python -m benchmarks.index_faults`).
MAY_BE_BLURRED = 20
"""Sharpness in the index below which an image is opened and measured again."""

_JUDGED_PER_SECOND = 600  # measured on two cores


@dataclass(frozen=True)
class Judgement:
    """What is known of each sample; NaN for one that was not judged.

    Attributes:
        crack: Shape (n,): probability of a crack by all other groups, 0 to 1. It does
            not depend on the label of the image, so it stays right when that changes.
        strangeness: Shape (n,): how unlike the others, 0 or more.
        sharpness: Shape (n,), as of `crack.inference.image_quality`; infinity where
            the index says that the image is sharp.
        up_to_date: Whether the dataset is as it was then.
    """

    crack: NDArray[np.float32]
    strangeness: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    up_to_date: bool

    def label_probability(self, is_crack: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return how probable the labels are.

        Args:
            is_crack: Shape (n,), the labels of today.
        """
        return np.where(is_crack, self.crack, 1 - self.crack)


def kept_judgement(folder: Path, dataset: Dataset) -> Judgement | None:
    """Return what was found before, None if nothing was.

    Args:
        folder: Of the model.
        dataset: With the images, perhaps edited since.
    """
    kept = recall(judgement_file(folder, dataset), dataset)
    if kept is None or {_CRACK, _STRANGENESS, _SHARPNESS} - kept.values.keys():
        return None
    values = kept.values
    return Judgement(
        values[_CRACK], values[_STRANGENESS], values[_SHARPNESS], kept.up_to_date
    )


def judgement_file(folder: Path, dataset: Dataset) -> Path:
    """Return where the judgement by a model is kept.

    Args:
        folder: Of the model.
        dataset: With the images.
    """
    return kept_file(_WHAT, folder, dataset)


def judge(folder: Path, dataset: Dataset, progress: Progress) -> None:
    """Judge all images, and keep what was found, with a coarse map of them.

    Args:
        folder: Of the model.
        dataset: With the images.
        progress: Told how far it is; may raise to stop.

    Raises:
        CrackError: The model cannot be used, or there are too few images.
    """
    from crack.exploration.doubts import (  # loads scikit-learn
        label_probability,
        strangeness,
    )

    features = features_of(folder, dataset, partial(progress, "Looking at the images"))
    keep_coarse_map(folder, dataset, features)  # at no cost, while they are here
    seen = np.isfinite(features[:, 0])  # a row is NaN as a whole
    progress("Judging the labels", 0, 1)
    is_crack = dataset.is_crack[seen]
    # Near-copies alone: other parts of the same photo may well testify.
    groups = dataset.samples["group"].to_numpy()[seen]
    probable = label_probability(features[seen], is_crack, groups)
    progress("Looking for images unlike the others", 0, 1)
    values = {
        _CRACK: _spread(np.where(is_crack, probable, 1 - probable), seen),
        _STRANGENESS: _spread(strangeness(features[seen]), seen),
        _SHARPNESS: _measured(dataset, progress),
    }
    keep(judgement_file(folder, dataset), dataset, values)


def _spread(found: NDArray[np.float64], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    values = np.full(seen.shape, np.nan, np.float32)
    values[seen] = found
    return values


def _measured(dataset: Dataset, progress: Progress) -> NDArray[np.float32]:
    """Measure how sharp the images are that may be blurred."""
    doubtful = dataset.samples["sharpness"].to_numpy() < MAY_BE_BLURRED
    files = dataset.samples["file"][doubtful]
    values = np.where(doubtful, np.float32(np.nan), np.float32(np.inf))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        measured = pool.map(_sharpness, map(dataset.path, files))
        for done, place in enumerate(np.flatnonzero(doubtful), start=1):
            values[place] = next(measured)
            progress("Measuring sharpness", done, len(files))
    return values


def _sharpness(path: Path) -> float:
    try:
        return sharpness(decode_image(path))
    except CrackError:  # NaN tells
        return math.nan


def seconds_to_judge(dataset: Dataset) -> float:
    """Return about how long `judge` takes at most on two cores.

    Args:
        dataset: With the images.
    """
    return len(dataset.samples) * (1 / FEATURES_PER_SECOND + 1 / _JUDGED_PER_SECOND)
