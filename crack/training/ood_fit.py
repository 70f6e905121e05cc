"""What the training images look like to the network that learnt from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA

from crack.data.dataset import Dataset
from crack.evaluation.pooled import pooled_outputs
from crack.inference.ood import OodDetector, spread

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
    *_, moments = pooled_outputs(folder, dataset, chosen, report)
    known = spread(moments)
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
