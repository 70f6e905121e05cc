"""Answers as signs: words with an icon and a colour, of which any one is enough."""

from __future__ import annotations

from crack.inference.prediction import Label, Outcome, Prediction, label_of
from crack.reporting.words import ANSWERS, UNREADABLE, keep_units_together, percent

_SIGNS = {
    Label.CRACK: (":material/warning:", "red"),
    Label.REVIEW: (":material/visibility:", "orange"),
    Label.NO_CRACK: (":material/check_circle:", "green"),
    None: (":material/broken_image:", "gray"),
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


def framed_words(prediction: Prediction) -> str:
    """Return what the frames in a heatmap are, to end its caption."""
    if not prediction.regions:
        return "no region looks enough like one to be framed"
    return f"the strongest region{'s' * (len(prediction.regions) > 1)} framed"
