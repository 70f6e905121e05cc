"""What the pages of the inspections call answers, verdicts and states."""

from __future__ import annotations

from collections.abc import Iterable

from crack.inference.prediction import Label, Prediction
from crack.inspections.records import (
    InspectedPhoto,
    InspectionSummary,
    settled_label,
)
from crack.inspections.store import name_key
from crack.reporting.inspection_words import verdict_words
from crack.reporting.words import capitalise, keep_units_together, percent
from pages.inspection.answers import SIGNS, answer_icon, answer_words


def coloured(label: Label | None, words: str) -> str:
    """Return words as Markdown after the icon of an answer, in its colour."""
    colour = "gray" if label is None else SIGNS[label][1]
    return f":{colour}[{answer_icon(label)}] {words}"


def answer_sign(prediction: Prediction) -> str:
    """Return an answer as Markdown: icon, colour, words and probability."""
    said = coloured(prediction.label, answer_words(prediction.label))
    if prediction.probability is None:
        return said
    return f"{said}, {keep_units_together(percent(prediction.probability))}"


def verdict_sign(photo: InspectedPhoto) -> str:
    """Return an engineer's verdict as Markdown, or that there is none yet."""
    if photo.verdict is None:
        return ":material/pending: No verdict yet"
    said = capitalise(verdict_words(photo))
    settled = settled_label(photo)
    return f":material/how_to_reg: {said}" + (f": {settled}" if settled else "")


def counts_sign(summary: InspectionSummary) -> str:
    """Return how many photos got which answer, as Markdown."""
    counts = [*summary.answers.items(), (None, summary.errors)]
    return "  \n".join(
        coloured(label, f"{answer_words(label)}: {number:,}")
        for label, number in counts
        if number
    )


def verdicts_given(given: int, photos: int) -> str:
    """Return how many photos have a verdict, in words."""
    return f"{given:,} of {photos:,} photos have a verdict"


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Return each name once, by its key (`name_key`), in the order of the keys.

    Args:
        names: The newest first; of several spellings that one is returned.
    """
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name_key(name), name)
    return dict(sorted(found.items()))
