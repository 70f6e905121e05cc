"""The map of a dataset, kept: coarse at first, finer if somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crack.data.dataset import Dataset, Progress
from crack.errors import CrackError
from crack.exploration.features import FEATURES_PER_SECOND, features_of
from crack.exploration.kept import Kept, keep, kept_file, recall

_POSITION = "position"
_COARSE, _FINE = "coarse-map", "fine-map"
_FEWEST = 4  # images
_FINE_PER_SECOND = 150  # images placed, measured on two cores

Map = Kept
"""With the value `position`, shape (n, 2)."""


def kept_map(folder: Path, dataset: Dataset, *, fine: bool) -> Map | None:
    """Return the map made before, None if there is none.

    Args:
        folder: Of the model.
        dataset: With the images, perhaps edited since.
        fine: Whether by `make_fine_map` rather than `make_coarse_map`.
    """
    kept = recall(map_file(folder, dataset, fine=fine), dataset)
    return kept if kept and _POSITION in kept.values else None


def map_file(folder: Path, dataset: Dataset, *, fine: bool) -> Path:
    """Return where a map is kept.

    Args:
        folder: Of the model.
        dataset: With the images.
        fine: Which of the two.
    """
    return kept_file(_FINE if fine else _COARSE, folder, dataset)


def positions(chart: Map) -> NDArray[np.float32]:
    """Return where each sample lies, shape (n, 2); NaN for one that is not on it."""
    return chart.values[_POSITION]


def make_coarse_map(folder: Path, dataset: Dataset, progress: Progress) -> None:
    """Place all images by principal components, and keep that.

    Args:
        folder: Of the model.
        dataset: With the images.
        progress: Told how far it is; may raise to stop.

    Raises:
        CrackError: The model cannot be used, or there are too few images.
    """
    looking = partial(progress, "Looking at the images")
    keep_coarse_map(folder, dataset, features_of(folder, dataset, looking))


def keep_coarse_map(
    folder: Path, dataset: Dataset, features: NDArray[np.float32]
) -> None:
    """Place all images by principal components, and keep that.

    Args:
        folder: Of the model.
        dataset: With the images.
        features: Of all of them, as of `crack.exploration.features`.

    Raises:
        CrackError: There are too few images.
    """
    from crack.exploration.projection import pca_map  # loads scikit-learn

    file = map_file(folder, dataset, fine=False)
    keep(file, dataset, {_POSITION: _placed(features, pca_map)})


def make_fine_map(folder: Path, dataset: Dataset, progress: Progress) -> None:
    """Place all images by t-SNE, and keep that.

    Args:
        folder: Of the model.
        dataset: With the images.
        progress: Told how far it is; may raise to stop.

    Raises:
        CrackError: The model cannot be used, or there are too few images.
    """
    from crack.exploration.projection import tsne_map  # loads scikit-learn

    looking = partial(progress, "Looking at the images")
    features = features_of(folder, dataset, looking)
    place = partial(tsne_map, progress=partial(progress, "Placing the images"))
    file = map_file(folder, dataset, fine=True)
    keep(file, dataset, {_POSITION: _placed(features, place)})


def seconds_to_map(dataset: Dataset, *, fine: bool) -> float:
    """Return about how long a map takes at most on two cores.

    Args:
        dataset: With the images.
        fine: Which of the two.
    """
    place = 1 / _FINE_PER_SECOND if fine else 0
    return len(dataset.samples) * (1 / FEATURES_PER_SECOND + place)


def _placed(
    features: NDArray[np.float32],
    place: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> NDArray[np.float32]:
    seen = np.isfinite(features[:, 0])  # a row is NaN as a whole
    if seen.sum() < _FEWEST:
        raise CrackError(f"A map needs at least {_FEWEST} images.", "Add images.")
    spread = np.full((*seen.shape, 2), np.nan, np.float32)
    spread[seen] = place(features[seen])
    return spread
