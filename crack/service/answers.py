"""What is answered for a photo: the row of `crack predict`, and more if wanted."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from crack.inference.card import ModelCard
from crack.inference.overlay import grey_heatmap
from crack.inference.prediction import Outcome, Prediction
from crack.inference.scale import Scale, scale_missed
from crack.reporting.tables import prediction_row

_DECIMALS = 6  # as in the row


@dataclass(frozen=True)
class Wanted:
    """What is wanted of each answer.

    Attributes:
        scale: Of the photos.
        regions: Whether the strongest regions are.
        heatmap: Whether the heatmap is.
    """

    scale: Scale
    regions: bool = False
    heatmap: bool = False


def answer_row(card: ModelCard, outcome: Outcome, wanted: Wanted) -> dict[str, Any]:
    """Return the answer for a photo, as JSON has it.

    Args:
        card: Of the model that answered.
        outcome: What it said.
        wanted: Besides the columns of `crack predict`.
    """
    row: dict[str, Any] = dict(prediction_row(outcome))
    answered = outcome if isinstance(outcome, Prediction) else None
    if wanted.scale.is_known:
        row["scale_missed"] = scale_missed(card, answered) if answered else None
    if wanted.regions:
        row["regions"] = _regions(answered)
    if wanted.heatmap:
        row["heatmap"] = _heatmap(answered)
    return row


def _regions(prediction: Prediction | None) -> list[dict[str, Any]]:
    regions = [asdict(region) for region in prediction.regions] if prediction else []
    return [
        {**region, "probability": round(region["probability"], _DECIMALS)}
        for region in regions
    ]


def _heatmap(prediction: Prediction | None) -> str | None:
    """Return the picture that `crack predict --maps` writes, as text."""
    if prediction is None or prediction.heatmap is None:
        return None
    grey = grey_heatmap(prediction.heatmap, prediction.width, prediction.height)
    file = BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
