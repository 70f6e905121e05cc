"""A model's scores on labelled images, by the call that answers for users' photos."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypedDict

import numpy as np
import pandas as pd
from scipy.special import logit

from crack.data.dataset import Dataset
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import FailedPhoto, Prediction, Reason
from crack.inference.predictor import Predictor

_FROM_PROBABILITIES = {Reason.CLOSE_CALL, Reason.REGION}


class ScoreRow(TypedDict):
    """What a model says of an image, whatever its calibration and thresholds.

    Attributes:
        log_odds: Of a crack in the image, before calibration.
        strongest: The same of its strongest region alone.
        distance: From the training images.
        look: Whether a person is to look at it for other reasons than these.
    """

    log_odds: float
    strongest: float
    distance: float
    look: bool


Done = Callable[[int, int], None]
"""Told the number of images done and of all; may raise to stop."""


def scores_of(
    predictor: Predictor,
    dataset: Dataset,
    files: Sequence[str],
    progress: Done | None = None,
) -> pd.DataFrame:
    """Return the scores that a model gives to images of a dataset.

    Args:
        predictor: The model.
        dataset: The dataset of the files.
        files: Names as in `dataset.samples`.
        progress: Told how far it is.

    Returns:
        The columns of `ScoreRow`; a row per file, in their order.

    Raises:
        CrackError: An image can no longer be read.
    """
    rows = []
    for row in score(predictor, dataset, files):
        rows.append(row)
        if progress:
            progress(len(rows), len(files))
    columns = {"log_odds": float, "strongest": float, "distance": float, "look": bool}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def score(
    predictor: Predictor, dataset: Dataset, files: Sequence[str]
) -> Generator[ScoreRow]:
    """Yield the scores of images one by one.

    Args:
        predictor: As of `scores_of`.
        dataset: The same.
        files: The same.

    Raises:
        CrackError: An image can no longer be read.
    """
    items = ((file, dataset.path(file)) for file in files)
    for prediction in predictor.predict(items):
        if isinstance(prediction, FailedPhoto):
            raise CrackError(
                f"{prediction.file} cannot be read any more: {prediction.error}",
                f"See what changed with: python -m crack dataset check {dataset.name}",
            )
        yield _row(prediction, predictor.card)


def _row(prediction: Prediction, card: ModelCard) -> ScoreRow:
    strongest = prediction.regions[0].probability if prediction.regions else 0.0
    with np.errstate(divide="ignore"):
        calibrated = float(logit(strongest))
    return {
        "log_odds": float(prediction.log_odds),
        "strongest": calibrated * card.temperature + card.offset,
        "distance": float(prediction.distance),
        "look": not _FROM_PROBABILITIES.issuperset(prediction.reasons),
    }
