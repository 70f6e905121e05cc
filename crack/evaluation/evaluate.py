"""A model's scores on labelled images, by the call that answers for users' photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.inference.prediction import FailedPhoto
from crack.inference.predictor import Predictor


def scores_of(
    predictor: Predictor,
    dataset: Dataset,
    files: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Return the scores that a model gives to images of a dataset.

    Args:
        predictor: The model.
        dataset: The dataset of the files.
        files: Names as in `dataset.samples`.
        progress: Called with the number of images done and of all; may raise to stop.

    Returns:
        Columns log_odds (of a crack, before calibration), distance (from the training
        images) and label (the answer for users); a row per file, in their order.

    Raises:
        CrackError: An image can no longer be read.
    """
    rows = []
    items = ((file, dataset.path(file)) for file in files)
    for prediction in predictor.predict(items):
        if isinstance(prediction, FailedPhoto):
            raise CrackError(
                f"{prediction.file} cannot be read any more: {prediction.error}",
                f"See what changed with: python -m crack dataset check {dataset.name}",
            )
        rows.append((prediction.log_odds, prediction.distance, prediction.label))
        if progress:
            progress(len(rows), len(files))
    frame = pd.DataFrame(rows, columns=["log_odds", "distance", "label"])
    return frame.astype({"log_odds": float, "distance": float})
