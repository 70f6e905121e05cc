"""The verdicts that an answer allows, and the initial values of the form for one."""

from __future__ import annotations

from collections.abc import Sequence

from crack.inference.prediction import Label, label_of
from crack.inspections.records import InspectedPhoto, VerdictKind

Choice = tuple[VerdictKind, Label | None]
"""Kind and label of a `crack.inspections.records.Verdict`."""


def verdict_choices(label: Label | None) -> dict[str, Choice]:
    """Return the verdicts that an answer allows, by the words on the form.

    An answer that is neither crack nor no crack cannot be accepted.

    Args:
        label: The answer, None if there is none.
    """
    cannot_tell: dict[str, Choice] = {
        "Cannot tell from the photo": (VerdictKind.CANNOT_TELL, None)
    }
    if label in (Label.CRACK, Label.NO_CRACK):
        other = Label.NO_CRACK if label is Label.CRACK else Label.CRACK
        return {
            f"Accept: {label}": (VerdictKind.ACCEPT, None),
            f"Correct to: {other}": (VerdictKind.CORRECT, other),
            **cannot_tell,
        }
    return {
        "Crack": (VerdictKind.CORRECT, Label.CRACK),
        "No crack": (VerdictKind.CORRECT, Label.NO_CRACK),
        **cannot_tell,
    }


def choice_of(photo: InspectedPhoto) -> Choice | None:
    """Return the choice that is the verdict on a photo, None without a verdict."""
    verdict = photo.verdict
    if verdict is None:
        return None
    # Corrected to what the answer already says: the form offers that as accepting it.
    if verdict.label is not None and verdict.label is label_of(photo.prediction):
        return VerdictKind.ACCEPT, None
    return verdict.kind, verdict.label


def last_exposure(photos: Sequence[InspectedPhoto]) -> str | None:
    """Return the exposure given last; an element rarely has several."""
    given = [photo.verdict for photo in photos if photo.verdict]
    latest = max(given, key=lambda verdict: verdict.given, default=None)
    return None if latest is None else latest.exposure
