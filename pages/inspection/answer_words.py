"""What answers, reasons and verdicts mean, in the words of the pages."""

from __future__ import annotations

from crack.inference.prediction import Label, Prediction, Reason
from crack.inference.thresholds import Thresholds, label_for
from crack.inspections.records import InspectedPhoto, settled_label
from crack.reporting.inspection_words import verdict_words
from crack.reporting.words import REASONS, capitalise, threshold

_REMEDIES = {
    Reason.CLOSE_CALL: "Look at the strongest regions below, or take a photo of them "
    "from closer by.",
    Reason.REGION: "Look at the strongest region below.",
    Reason.BLURRED: "Take it again with a steady hand or a rest, and let the camera "
    "focus on the wall.",
    Reason.DARK: "Take it again with more light, best from the side.",
    Reason.OVEREXPOSED: "Take it again with less light on the wall, or less exposure.",
    Reason.SMALL: "Use the photo as the camera took it, not a reduced copy, or take "
    "it from closer by.",
    Reason.OUT_OF_DISTRIBUTION: "Judge it by eye, and do not rely on the probability.",
}


def meaning(prediction: Prediction, thresholds: Thresholds) -> str:
    """Return how the answer follows from the probability, in a sentence."""
    low, high = threshold(thresholds.no_crack), threshold(thresholds.crack)
    if prediction.label is Label.CRACK:
        return f"From {high} on, the answer is crack."
    if prediction.label is Label.NO_CRACK:
        return (
            f"Below {low}, the answer is no crack. This does not replace an inspection."
        )
    if Reason.CLOSE_CALL in prediction.reasons:
        return (
            f"Between {low} and {high} the model cannot tell well enough: a person "
            "should look at this photo."
        )
    alone = label_for(prediction.probability, thresholds)
    return (
        f"By the probability alone the answer would be {alone} ({low} and {high} are "
        "the thresholds), but a person should look at this photo."
    )


def reason_words(reason: Reason) -> str:
    """Return what a reason for review means, and what to do about it."""
    return f"**{capitalise(reason)}:** {REASONS[reason]}. {_REMEDIES[reason]}"


def verdict_sign(photo: InspectedPhoto) -> str:
    """Return an engineer's verdict as Markdown, or a note that there is none yet."""
    if photo.verdict is None:
        return ":material/pending: No verdict yet"
    said = capitalise(verdict_words(photo))
    settled = settled_label(photo)
    return f":material/how_to_reg: {said}" + (f": {settled}" if settled else "")


def verdicts_given(given: int, photos: int) -> str:
    """Return how many photos have a verdict, in words."""
    return f"{given:,} of {photos:,} photos have a verdict"
