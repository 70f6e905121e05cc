"""The history of an element of a structure from inspection to inspection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crack.inference.prediction import Label
from crack.inspections.records import InspectedPhoto, Inspection, settled_label
from crack.inspections.store import inspections_of, photos_of

RULER_MM = 0.05
"""Reading accuracy of a crack width ruler; no smaller difference shows growth."""

_ROUNDING_MM = 1e-9  # 0.20 - 0.15 is a little more than 0.05 in floating point


class ElementState(StrEnum):
    """The state of an element according to the settled photos of one inspection."""

    CRACK = "crack"
    NO_CRACK = "no crack"
    NOT_SETTLED = "not settled"


class ElementStatus(StrEnum):
    """The change of an element since the previous settled inspection."""

    FIRST_RECORDED = "first recorded"
    NEW = "new"
    GROWN = "grown"
    UNCHANGED = "unchanged"
    REPAIRED = "repaired"


@dataclass(frozen=True)
class HistoryEntry:
    """One inspection in the history of its element.

    Attributes:
        inspection: The inspection.
        state: See `element_state`.
        widest_mm: Widest crack measured in a photo settled as a crack, in millimetres;
            None where none was measured.
        status: See `element_history`; None if there is nothing to compare.
    """

    inspection: Inspection
    state: ElementState
    widest_mm: float | None
    status: ElementStatus | None


def element_history(structure: str, element: str) -> list[HistoryEntry]:
    """Return the inspections of an element, the earliest first.

    Names that differ only in surrounding spaces or in case are the same.
    Each settled inspection is compared with the settled one before it:

    - `first recorded`: a crack at the first settled inspection. It may be old.
    - `new`: a crack now, none then.
    - `grown`: a crack then and now, the widest of them wider by more than `RULER_MM`.
    - `unchanged`: a crack then and now, not wider by more than that; or no crack then
      and now.
    - `repaired`: a crack then, none now.
    - None: not settled; the first one settled and without a crack; or a crack then and
      now, but one of them has no width. The number of photos with a crack does not
      measure growth: it depends on how many were taken.

    Since each is compared with the one before, growth in steps of up to `RULER_MM`
    shows only in the widths themselves.

    Raises:
        CrackError: The database cannot be used.
    """
    entries: list[HistoryEntry] = []
    before: HistoryEntry | None = None
    for inspection in inspections_of(structure, element):
        photos = photos_of(inspection.id)
        state, widest = element_state(photos), widest_mm(photos)
        status = _status(before, state, widest)
        entries.append(HistoryEntry(inspection, state, widest, status))
        if state is not ElementState.NOT_SETTLED:
            before = entries[-1]
    return entries


def element_state(photos: list[InspectedPhoto]) -> ElementState:
    """Return the state of an element according to the photos of one inspection.

    One photo settled as a crack is enough for `crack`. For `no crack` one must be
    settled so and none may wait for its verdict, as that may still turn out to be a
    crack. Photos on which the verdict is `cannot tell`, and those with an error and
    without a verdict, do not count.
    """
    labels = {settled_label(photo) for photo in photos}
    if Label.CRACK in labels:
        return ElementState.CRACK
    waits = any(photo.waits for photo in photos)
    if Label.NO_CRACK in labels and not waits:
        return ElementState.NO_CRACK
    return ElementState.NOT_SETTLED


def widest_mm(photos: list[InspectedPhoto]) -> float | None:
    """Return the widest crack measured in photos settled as a crack, in millimetres."""
    widths = [
        photo.verdict.width_mm
        for photo in photos
        if settled_label(photo) is Label.CRACK
        and photo.verdict is not None
        and photo.verdict.width_mm is not None
    ]
    return max(widths, default=None)


def _status(
    before: HistoryEntry | None, state: ElementState, widest: float | None
) -> ElementStatus | None:
    if state is ElementState.NOT_SETTLED:
        return None
    cracked_before = before is not None and before.state is ElementState.CRACK
    if state is ElementState.NO_CRACK:
        if cracked_before:
            return ElementStatus.REPAIRED
        return None if before is None else ElementStatus.UNCHANGED
    if before is None:
        return ElementStatus.FIRST_RECORDED
    if not cracked_before:
        return ElementStatus.NEW
    if widest is None or before.widest_mm is None:
        return None
    grew = widest - before.widest_mm > RULER_MM + _ROUNDING_MM
    return ElementStatus.GROWN if grew else ElementStatus.UNCHANGED
