"""A model judged on labelled images, through the same door as everyone's photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.inference.predictor import Predictor


def log_odds_of(
    predictor: Predictor,
    dataset: Dataset,
    files: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """Return the log-odds of a crack, before calibration, of images of a dataset.

    Args:
        predictor: The model.
        dataset: Where the files belong.
        files: Names as in `dataset.samples`.
        progress: Called with the number of images done and of all; may raise to stop.

    Returns:
        Shape (n,), in the order of `files`.

    Raises:
        CrackError: An image cannot be read any more.
    """
    scores = []
    items = ((file, dataset.path(file)) for file in files)
    for prediction in predictor.predict(items):
        if prediction.activation_map is None:
            raise CrackError(
                f"{prediction.file} cannot be read any more: {prediction.error}",
                f"See what changed with: python -m crack dataset check {dataset.name}",
            )
        scores.append(float(np.mean(prediction.activation_map, dtype=np.float64)))
        if progress:
            progress(len(scores), len(files))
    return np.array(scores)
