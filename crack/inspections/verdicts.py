"""An engineer's verdicts on photos and regions: given, replaced, undone.

Each function is one transaction: once it returns, its result is on disk, even if this
process is killed a moment later.
"""

from __future__ import annotations

from crack.access import change
from crack.database import writing
from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.inspections.mappers import photo_of, region_verdict_row, verdict_row
from crack.inspections.records import (
    InspectedPhoto,
    RegionVerdict,
    Verdict,
    VerdictKind,
)
from crack.inspections.schema import PhotoRow
from crack.inspections.store import photo_row

MAX_WIDTH_MM = 100.0
"""No crack is measured wider: beyond it is a slip, or a gap between two members."""


@change("give a verdict on a photo", on="{photo_id}: {verdict.kind}")
def give_verdict(photo_id: str, verdict: Verdict) -> InspectedPhoto:
    """Store an engineer's verdict on a photo, replacing an earlier one.

    Raises:
        CrackError: There is no such photo, its answer cannot be accepted, the width is
            more than `MAX_WIDTH_MM`, or the database cannot be used.
    """
    _check_width(verdict)
    with writing() as session:
        row = photo_row(session, photo_id, lock=True)
        if verdict.kind is VerdictKind.ACCEPT:
            _check_acceptable(row)
        given = verdict_row(verdict)
        given.photo_id = photo_id
        session.merge(given)
        session.flush()
        session.refresh(row, ["verdict"])
        return photo_of(row)


@change("give a verdict on a region", on="{photo_id}: {verdict.kind}")
def give_region_verdict(photo_id: str, verdict: RegionVerdict) -> InspectedPhoto:
    """Store an engineer's verdict on a region of a photo, replacing an earlier one.

    Raises:
        CrackError: There is no such photo, it could not be read, the region is not
            within it, or the database cannot be used.
    """
    with writing() as session:
        row = photo_row(session, photo_id, lock=True)
        _check_within(row, verdict)
        row.region_verdicts.append(region_verdict_row(verdict))
        session.flush()
        return photo_of(row)


@change("undo a verdict on a region", on="{photo_id}")
def undo_region_verdict(photo_id: str) -> InspectedPhoto:
    """Undo the last verdict on a region of a photo.

    If it replaced an earlier one on the same region, that one counts again.

    Raises:
        CrackError: There is no such photo or no verdict on a region of it, or the
            database cannot be used.
    """
    with writing() as session:
        row = photo_row(session, photo_id, lock=True)
        if not row.region_verdicts:
            raise CrackError(
                f"No region of {row.file} has a verdict that could be undone.",
                "It may have been undone in another window; reload the page.",
            )
        session.delete(row.region_verdicts[-1])
        session.flush()
        session.refresh(row, ["region_verdicts"])
        return photo_of(row)


def _check_width(verdict: Verdict) -> None:
    # Not in the verdict itself: those stored by earlier versions may be wider.
    if verdict.width_mm is not None and verdict.width_mm > MAX_WIDTH_MM:
        raise CrackError(
            f"A crack width is given in millimetres, up to {MAX_WIDTH_MM:g} mm; got "
            f"{verdict.width_mm:g} mm.",
            "Check the unit and the decimal point.",
        )


def _check_acceptable(row: PhotoRow) -> None:
    if row.label in (Label.CRACK, Label.NO_CRACK):
        return
    answer = "an error" if row.label is None else f"'{row.label}'"
    raise CrackError(
        f"The answer for {row.file} is {answer}: there is nothing to accept.",
        "Say whether there is a crack, or that you cannot tell.",
    )


def _check_within(row: PhotoRow, verdict: RegionVerdict) -> None:
    if row.width is None or row.height is None:
        raise CrackError(
            f"The photo {row.file} could not be read, so no region of it can be judged."
        )
    left, top, width, height = verdict.box
    if left + width > row.width or top + height > row.height:
        raise CrackError(
            f"The region of {width} × {height} px at {left}, {top} is not within the "
            f"photo {row.file} of {row.width} × {row.height} px.",
            "Mark a region inside the photo.",
        )
