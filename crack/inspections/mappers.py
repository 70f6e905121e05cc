"""Converts between the rows of the database and the values that pages use."""

from __future__ import annotations

from typing import Any, cast

from crack.inference.prediction import (
    FailedPhoto,
    Label,
    Outcome,
    Prediction,
    Reason,
    Region,
)
from crack.inference.thresholds import Thresholds
from crack.inspections.records import (
    Box,
    InspectedPhoto,
    Inspection,
    ModelVersion,
    RegionVerdict,
    RegionVerdictKind,
    Verdict,
    VerdictKind,
)
from crack.inspections.schema import (
    InspectionRow,
    PhotoRow,
    RegionVerdictRow,
    VerdictRow,
)
from crack.runs.registry import Model


def storable(text: str) -> str:
    """Return text that every database accepts.

    File names may contain bytes that are not Unicode, and PostgreSQL refuses NUL.
    """
    return text.encode(errors="backslashreplace").decode().replace("\0", "")


def model_columns(model: Model) -> dict[str, Any]:
    """Return the columns of an inspection that describe its model."""
    card = model.card
    return {
        "model_name": model.name,
        "model_created": card.created,
        "model_run_id": card.run_id,
        "threshold_no_crack": card.thresholds.no_crack,
        "threshold_crack": card.thresholds.crack,
        "temperature": card.temperature,
        "offset": card.offset,
    }


def inspection_of(row: InspectionRow) -> Inspection:
    """Return the inspection that a row holds."""
    return Inspection(
        id=row.id,
        structure=row.structure,
        element=row.element,
        inspected_on=row.inspected_on,
        model=ModelVersion(
            row.model_name,
            row.model_created,
            row.model_run_id,
            Thresholds(row.threshold_no_crack, row.threshold_crack),
            row.temperature,
            row.offset,
        ),
        note=row.note,
        created=row.created,
    )


def prediction_columns(prediction: Outcome) -> dict[str, Any]:
    """Return the columns of a photo that hold the model's answer, or the error."""
    columns = {
        "file": storable(prediction.file),
        # A driver may not accept NumPy's numbers, so they become Python's own.
        "threshold": float(prediction.threshold),
        "seconds": float(prediction.seconds),
    }
    if isinstance(prediction, FailedPhoto):
        error = storable(prediction.error)
        return columns | {"error": error, "reasons": [], "regions": []}
    return columns | {
        "label": prediction.label,
        "probability": float(prediction.probability),
        "log_odds": float(prediction.log_odds),
        "distance": float(prediction.distance),
        "mm_per_pixel": _float(prediction.mm_per_pixel),
        "width": int(prediction.width),
        "height": int(prediction.height),
        "reasons": list(prediction.reasons),
        "regions": [_region_json(region) for region in prediction.regions],
    }


def photo_of(row: PhotoRow) -> InspectedPhoto:
    """Return the photo that a row holds."""
    return InspectedPhoto(
        id=row.id,
        inspection_id=row.inspection_id,
        sha256=row.sha256,
        stored=row.stored,
        added=row.added,
        prediction=_outcome_of(row),
        verdict=None if row.verdict is None else _verdict_of(row.verdict),
        region_verdicts=_latest(row.region_verdicts),
    )


def _outcome_of(row: PhotoRow) -> Outcome:
    if row.label is None:
        return FailedPhoto(row.file, row.error or "", row.threshold, row.seconds)
    return Prediction(
        file=row.file,
        label=Label(row.label),
        # Only the row of a photo without an answer lacks these.
        probability=cast("float", row.probability),
        threshold=row.threshold,
        width=cast("int", row.width),
        height=cast("int", row.height),
        mm_per_pixel=row.mm_per_pixel,
        seconds=row.seconds,
        log_odds=cast("float", row.log_odds),
        distance=cast("float", row.distance),
        reasons=tuple(Reason(reason) for reason in row.reasons),
        regions=tuple(Region(**region) for region in row.regions),
    )


def verdict_row(verdict: Verdict) -> VerdictRow:
    """Return the row for a verdict."""
    return VerdictRow(
        kind=verdict.kind,
        label=verdict.label,
        note=storable(verdict.note),
        width_mm=_float(verdict.width_mm),
        exposure=None if verdict.exposure is None else storable(verdict.exposure),
        given=verdict.given,
    )


def region_verdict_row(verdict: RegionVerdict) -> RegionVerdictRow:
    """Return the row for a verdict on a region."""
    left, top, width, height = map(int, verdict.box)
    return RegionVerdictRow(
        left=left,
        top=top,
        width=width,
        height=height,
        is_crack=bool(verdict.is_crack),
        kind=verdict.kind,
        given=verdict.given,
    )


def _latest(rows: list[RegionVerdictRow]) -> tuple[RegionVerdict, ...]:
    """Return the verdict that counts for each region; the rows are in order."""
    found: dict[Box, RegionVerdict] = {}
    for row in rows:
        box = (row.left, row.top, row.width, row.height)
        found.pop(box, None)  # so that the order is that of the latest verdicts
        kind = RegionVerdictKind(row.kind)
        found[box] = RegionVerdict(*box, row.is_crack, kind, row.given)
    return tuple(found.values())


def _verdict_of(row: VerdictRow) -> Verdict:
    return Verdict(
        kind=VerdictKind(row.kind),
        label=None if row.label is None else Label(row.label),
        note=row.note,
        width_mm=row.width_mm,
        exposure=row.exposure,
        given=row.given,
    )


def _region_json(region: Region) -> dict[str, Any]:
    return {
        "left": int(region.left),
        "top": int(region.top),
        "width": int(region.width),
        "height": int(region.height),
        "probability": float(region.probability),
    }


def _float(number: float | None) -> float | None:
    return None if number is None else float(number)
