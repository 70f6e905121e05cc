"""Verdicts of an engineer and states of an element in words, for reports and pages."""

from __future__ import annotations

from crack.inference.prediction import Label, label_of
from crack.inspections.history import ElementState, HistoryEntry
from crack.inspections.records import InspectedPhoto, VerdictKind, settled_label


def verdict_words(photo: InspectedPhoto) -> str:
    """Return what the engineer did with the answer, "" without a verdict."""
    if photo.verdict is None:
        return ""
    if photo.verdict.kind is VerdictKind.CANNOT_TELL:
        return "cannot tell"
    answer = label_of(photo.prediction)
    if answer not in (Label.CRACK, Label.NO_CRACK):
        return "decided"  # there was no answer to accept or correct
    return "accepted" if settled_label(photo) is answer else "corrected"


def state_words(entry: HistoryEntry) -> str:
    """Return the state of an element, such as "crack, grown" or "not settled"."""
    if entry.state is ElementState.NOT_SETTLED or entry.status is None:
        return entry.state
    return f"{entry.state}, {entry.status}"
