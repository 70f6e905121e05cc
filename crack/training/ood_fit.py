"""What the training images look like to the network that learned from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from crack.data.dataset import Dataset
from crack.data.images import decode_image, resize_image
from crack.inference.card import ModelCard
from crack.inference.engine import BATCH, Engine
from crack.inference.ood import OodDetector, spread
from crack.inference.predictor import GRAPH_FILE

MOST_IMAGES = 2000
"""Training images that are described, where there are as many."""

_MOST_DIRECTIONS = 64
_IMAGES_PER_DIRECTION = 10  # for a reliable variance
_TINY = 1e-6  # identical images have no variance to divide by


def fit_ood_detector(
    folder: Path,
    dataset: Dataset,
    split: pd.DataFrame,
    report: Callable[[int, int], None],
) -> OodDetector:
    """Return what the training images look like to the network.

    Args:
        folder: Of the model, with its card and graph.
        dataset: What it was trained on.
        split: Which sample served for what.
        report: Told how many images are done, and of how many; may raise to stop.

    Returns:
        The distribution, without a limit yet.
    """
    files = split.loc[split["split"] == "train", "file"]
    chosen = list(files.sample(min(len(files), MOST_IMAGES), random_state=0))
    known = spread(_moments(folder, dataset, chosen, report))
    mean, scale = known.mean(0), known.std(0) + _TINY
    known = (known - mean) / scale
    count, channels = known.shape
    directions = min(_MOST_DIRECTIONS, count // _IMAGES_PER_DIRECTION, channels - 1)
    fitted = PCA(max(1, directions), random_state=0).fit(known)
    return OodDetector(
        mean=mean,
        directions=fitted.components_,
        variances=np.maximum(fitted.explained_variance_, _TINY),
        rest=max(float(fitted.noise_variance_), _TINY),
        limit=np.inf,
        scale=scale.astype(np.float32),
    )


def _moments(
    folder: Path,
    dataset: Dataset,
    files: list[str],
    report: Callable[[int, int], None],
) -> NDArray[np.float32]:
    """Return the last output of the graph for images, pooled over each."""
    size = ModelCard.read(folder).image_size

    def batches() -> Iterator[tuple[int, NDArray[np.uint8]]]:
        for start in range(0, len(files), BATCH):
            paths = [dataset.path(file) for file in files[start : start + BATCH]]
            images = [resize_image(decode_image(path), size, size) for path in paths]
            yield start, np.stack(images)

    pooled = []
    for start, (*_, places) in Engine(folder / GRAPH_FILE).stream(batches()):
        pooled.append(places.mean((1, 2)))
        report(start + len(places), len(files))
    return np.concatenate(pooled)
