"""Photos with their answers: what the page keeps of each, and how an answer looks."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import Label, Prediction, Reason
from crack.inference.scale import Scale
from crack.inference.thresholds import label_for
from crack.reporting.words import (
    ANSWERS,
    REASONS,
    UNREADABLE,
    capitalise,
    threshold,
)
from pages.shared.thumbnails import small_jpeg

# Icon and colour beside the words: any two may be missed.
SIGNS = {
    Label.CRACK: (":material/warning:", "red"),
    Label.REVIEW: (":material/visibility:", "orange"),
    Label.NO_CRACK: (":material/check_circle:", "green"),
}
UNREADABLE_ICON = ":material/broken_image:"

_REMEDIES = {
    Reason.CLOSE_CALL: "Look at the strongest regions below, or take a photo of them "
    "from closer by.",
    Reason.REGION: "Look at the strongest region below.",
    Reason.BLURRED: "Take it again with a steady hand or a rest, and let the camera "
    "focus on the wall.",
    Reason.DARK: "Take it again with more light, best from the side.",
    Reason.OVEREXPOSED: "Take it again with less light on the wall, or darker by hand.",
    Reason.SMALL: "Use the photo as the camera took it, not a reduced copy, or take "
    "it from closer by.",
    Reason.OUT_OF_DISTRIBUTION: "Judge it by eye, and do not rely on the probability.",
}
_THUMBNAIL = 96  # pixels


@dataclass(frozen=True)
class Photo:
    """A photo to ask about.

    Attributes:
        name: What to call it.
        id: Says which content it is: another content, another id.
        read: Returns the content; raises a CrackError where that cannot be had.
    """

    name: str
    id: str
    read: Callable[[], bytes]

    def source(self) -> bytes | CrackError:
        """Return the content, or why there is none."""
        try:
            return self.read()
        except CrackError as error:
            return error


@dataclass(frozen=True)
class Answer:
    """A photo with its answer.

    Attributes:
        photo: Read again when it is to be seen; never kept decoded.
        prediction: The answer, or why there is none.
        thumbnail: A small JPEG as a data URL, None where there is no answer or the
            photo is gone by now.
        mm_per_pixel: At which the photo was looked at, None where that was not known.
    """

    photo: Photo
    prediction: Prediction
    thumbnail: str | None
    mm_per_pixel: float | None

    @classmethod
    def of(cls, photo: Photo, prediction: Prediction, scale: Scale) -> Answer:
        """Return an answer, given at a scale, with the thumbnail of its photo."""
        if prediction.width is None:
            return cls(photo, prediction, None, None)
        mm_per_pixel = scale.at(prediction.width)
        return cls(photo, prediction, _thumbnail(photo), mm_per_pixel)


def _thumbnail(photo: Photo) -> str | None:
    try:
        small = small_jpeg(photo.read(), _THUMBNAIL)
    except CrackError:  # its file has gone; the answer stands all the same
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"


def answer_words(label: Label | None) -> str:
    """Return an answer in words."""
    return UNREADABLE if label is None else ANSWERS[label]


def answer_icon(label: Label | None) -> str:
    """Return the icon of an answer."""
    return UNREADABLE_ICON if label is None else SIGNS[label][0]


def meaning(prediction: Prediction, card: ModelCard) -> str:
    """Say how the answer follows from the probability."""
    low, high = threshold(card.thresholds.no_crack), threshold(card.thresholds.crack)
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
    alone = label_for(prediction.probability or 0.0, card.thresholds)
    return (
        f"By the probability alone the answer would be {alone} ({low} and {high} are "
        "the thresholds), but a person should look at this photo."
    )


def reason_words(reason: Reason) -> str:
    """Say what a reason for review means, and what to do."""
    return f"**{capitalise(reason)}:** {REASONS[reason]}. {_REMEDIES[reason]}"
