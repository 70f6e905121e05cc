"""An answer as a report shows it."""

from __future__ import annotations

from crack.data.images import Source, decode_image, shrink_image
from crack.errors import CrackError
from crack.inference.overlay import overlay
from crack.inference.prediction import Prediction
from crack.reporting.report.records import ReportPhoto

_LONGEST = 1400  # px; 200 dpi across the page
_OPACITY = 0.6


def answered_photo(prediction: Prediction, source: Source | CrackError) -> ReportPhoto:
    """Return what a report shows of a photo and its answer.

    Args:
        prediction: The answer.
        source: What it was given for; decoded once more, since hundreds of photos
            cannot be kept.
    """
    probability, heatmap = prediction.probability, prediction.heatmap
    if isinstance(source, CrackError) or probability is None or heatmap is None:
        return ReportPhoto(prediction.file, error=prediction.error)
    picture = shrink_image(decode_image(source), _LONGEST)
    return ReportPhoto(
        prediction.file,
        width=prediction.width,
        height=prediction.height,
        label=prediction.label,
        probability=probability,
        reasons=prediction.reasons,
        picture=picture,
        overlay=overlay(picture, heatmap, probability, _OPACITY),
        regions=prediction.regions,
    )
