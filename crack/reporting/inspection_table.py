"""The photos of an inspection as a table for a spreadsheet: a row each, as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from crack.inference.prediction import Label
from crack.inspections.records import InspectedPhoto, Inspection, settled_label
from crack.inspections.store import find_inspection, photos_of
from crack.reporting.exposure import find_exposure
from crack.reporting.inspection_words import verdict_words
from crack.reporting.tables import COLUMNS, Row, csv_line, prediction_row

INSPECTION_COLUMNS = (
    "structure",
    "element",
    "inspected_on",
    "model",
    *COLUMNS,
    "verdict",
    "settled",
    "crack_width_mm",
    "exposure",
    "design_width_mm",
    "note",
)


def inspection_lines(inspection_id: str) -> Iterator[str]:
    """Yield the photos of an inspection as lines of CSV, the header first.

    What a photo does not have is empty: the verdict of one that waits for it, the
    answer of a file that could not be read.

    Args:
        inspection_id: Of the inspection, as it is stored now.

    Raises:
        CrackError: There is no such inspection, or the database cannot be used.
    """
    inspection = find_inspection(inspection_id)
    photos = photos_of(inspection_id)
    yield csv_line(INSPECTION_COLUMNS)
    for photo in photos:
        row = _row(inspection, photo)
        yield csv_line(row.get(column) for column in INSPECTION_COLUMNS)


def _row(inspection: Inspection, photo: InspectedPhoto) -> Row:
    settled = settled_label(photo)
    row: Row = {
        "structure": inspection.structure,
        "element": inspection.element,
        "inspected_on": inspection.inspected_on.isoformat(),
        "model": inspection.model.name,
        **prediction_row(photo.prediction),
        "verdict": verdict_words(photo),
        "settled": settled and settled.value,
    }
    if verdict := photo.verdict:
        row["note"] = verdict.note
        if settled is Label.CRACK:  # else a width does not count
            row["crack_width_mm"] = verdict.width_mm
        if verdict.exposure:
            exposure = find_exposure(verdict.exposure)
            row["exposure"] = f"{exposure.source}: {exposure.words}"
            row["design_width_mm"] = exposure.limit_mm
    return row
