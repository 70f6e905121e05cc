"""How far one comes on the same images without a network.

Each baseline is fitted to four fifths of the images and judges the last fifth, whole
groups at a time; so its numbers need no other images.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.data.images import decode_image, resize_image
from crack.errors import CrackError
from crack.evaluation.evaluate import Done
from crack.evaluation.metrics import binary_metrics
from crack.evaluation.scored import ScoredImages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sklearn.base import BaseEstimator

FOLDS = 5
_HAND_MADE = ["brightness", "contrast", "sharpness"]
_SIDE = 32  # px, of the small grey pictures that are compared
_SEED = 17


class Baseline(TypedDict):
    """A way to tell the images apart without a network.

    Attributes:
        title: What it looks at.
        accuracy: Share of right answers.
        balanced_accuracy: Mean of the shares in both classes, None without one.
        auroc: None if all images are of one class.
    """

    title: str
    accuracy: float | None
    balanced_accuracy: float | None
    auroc: float | None


def baselines(images: ScoredImages, dataset: Dataset, progress: Done) -> list[Baseline]:
    """Return what simple ways achieve on the images, [] if they are too few to tell.

    Args:
        images: Judged ones.
        dataset: They are from.
        progress: Told the number of images looked at and of all; may raise to stop.

    Raises:
        CrackError: An image can no longer be read.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    groups = [
        np.unique(images.group[images.is_crack == side]) for side in (True, False)
    ]
    if min(len(group) for group in groups) < FOLDS:
        return []
    measured = dataset.samples.set_index("file").loc[list(images.file), _HAND_MADE]
    pixels = _small_pictures(dataset, images.file, progress)
    line = partial(make_pipeline, StandardScaler())
    forest = RandomForestClassifier(200, min_samples_leaf=3, random_state=_SEED)
    ways: list[tuple[str, NDArray[np.float64], BaseEstimator]] = [
        (
            "The commoner class, always",
            pixels[:, :1],
            DummyClassifier(strategy="prior"),
        ),
        (
            "Mean brightness",
            measured[["brightness"]].to_numpy(),
            line(LogisticRegression()),
        ),
        ("Brightness, contrast and sharpness", measured.to_numpy(), forest),
        (
            f"The most similar picture, {_SIDE} × {_SIDE} grey",
            pixels,
            KNeighborsClassifier(1),
        ),
    ]
    return [_judged(title, data, way, images) for title, data, way in ways]


def _judged(
    title: str, data: NDArray[np.float64], way: BaseEstimator, images: ScoredImages
) -> Baseline:
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=_SEED)
    truth = images.is_crack
    probability = cross_val_predict(
        way, data, truth, groups=images.group, cv=folds, method="predict_proba"
    )[:, 1]
    metrics = binary_metrics(truth, probability)
    return {
        "title": title,
        "accuracy": metrics["accuracy"],
        "balanced_accuracy": metrics["balanced_accuracy"],
        "auroc": metrics["auroc"],
    }


def _small_pictures(
    dataset: Dataset, files: Sequence[str], progress: Done
) -> NDArray[np.float64]:
    """Return small grey pictures without their brightness and contrast, as rows."""
    rows = np.empty((len(files), _SIDE**2))
    with ThreadPoolExecutor(2) as pool:
        small = pool.map(partial(_small_picture, dataset), files)
        for done, picture in enumerate(small):
            rows[done] = picture
            progress(done + 1, len(files))
    rows -= rows.mean(1, keepdims=True)
    spread: NDArray[np.float64] = rows.std(1, keepdims=True)
    return rows / np.maximum(spread, 1)


def _small_picture(dataset: Dataset, file: str) -> NDArray[np.float64]:
    try:
        image = resize_image(decode_image(dataset.path(file)), _SIDE, _SIDE)
    except CrackError as error:
        raise CrackError(
            f"{file} cannot be read any more: {error}",
            f"See what changed with: python -m crack dataset check {dataset.name}",
        ) from error
    small: NDArray[np.float64] = image.mean(2).ravel()
    return small
