"""Answers, reasons and verdicts in the words of the pages."""

from __future__ import annotations

from crack.inference.prediction import Label, Outcome, Prediction, Reason, label_of
from crack.inference.thresholds import Thresholds, label_for
from crack.inspections.records import InspectedPhoto, settled_label
from crack.reporting.inspection_words import verdict_words
from crack.reporting.words import (
    ANSWERS,
    REASONS,
    UNREADABLE,
    capitalise,
    keep_units_together,
    percent,
    threshold,
)

# Icon and colour beside the words: any one of the three is enough.
_SIGNS = {
    Label.CRACK: (":material/warning:", "red"),
    Label.REVIEW: (":material/visibility:", "orange"),
    Label.NO_CRACK: (":material/check_circle:", "green"),
    None: (":material/broken_image:", "gray"),
}

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


def answer_words(label: Label | None) -> str:
    """Return an answer in words."""
    return UNREADABLE if label is None else ANSWERS[label]


def answer_icon(label: Label | None) -> str:
    """Return the icon of an answer."""
    return _SIGNS[label][0]


def coloured(label: Label | None, words: str) -> str:
    """Return words as Markdown after the icon of an answer, in its colour."""
    icon, colour = _SIGNS[label]
    return f":{colour}[{icon}] {words}"


def answer_sign(prediction: Outcome) -> str:
    """Return an answer as Markdown: icon, colour, words and probability."""
    label = label_of(prediction)
    said = coloured(label, answer_words(label))
    if not isinstance(prediction, Prediction):
        return said
    return f"{said}, {keep_units_together(percent(prediction.probability))}"


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
