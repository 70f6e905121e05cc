"""What answers, reasons and verdicts mean, in the words of the pages."""

from __future__ import annotations

from collections.abc import Sequence

from crack.inference.prediction import Label, Prediction, Reason
from crack.inference.thresholds import Thresholds, label_for
from crack.inspections.records import InspectedPhoto, settled_label
from crack.reporting.inspection_words import verdict_words
from crack.reporting.words import REASONS, capitalise, count, threshold

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
_DOUBTED_MM = 5.0  # few cracks are wider; without its point, 0.05 is 5
_AS_WIDE_AS = (
    (25.0, "wider than a thumb"),
    (10.0, "wider than a pencil"),
    (_DOUBTED_MM, "very wide for a crack"),
)


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


def verdicts_given(photos: Sequence[InspectedPhoto]) -> str:
    """Return how many photos of an inspection have a verdict, in words."""
    readable = [photo for photo in photos if photo.readable]
    given = sum(photo.verdict is not None for photo in readable)
    return verdicts_counted(given, len(readable), len(photos) - len(readable))


def verdicts_counted(given: int, readable: int, unreadable: int) -> str:
    """Return how many photos have a verdict, in words.

    Args:
        given: How many have one.
        readable: How many can be seen, and so need one.
        unreadable: Files beside these that show nothing.
    """
    have = "has" if 1 in (given, readable) else "have"
    said = f"{given:,} of {count(readable, 'photo')} {have} a verdict"
    if unreadable:
        said += f"; {count(unreadable, 'file')} could not be read"
    return said


def width_doubt(width_mm: float | None) -> str:
    """Return what makes a slip of a measured width likely, "" where nothing does."""
    if width_mm is None or width_mm < _DOUBTED_MM:
        return ""
    than = next(words for mm, words in _AS_WIDE_AS if width_mm >= mm)
    return (
        f"That is {width_mm:g} mm, {than}. If you mean {width_mm / 100:g} mm, correct "
        "the decimal point."
    )
