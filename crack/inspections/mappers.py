"""Converts between the rows of the database and the values that pages use."""

from __future__ import annotations

from typing import Any

from crack.inference.prediction import Label, Prediction, Reason, Region
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


def prediction_columns(
    prediction: Prediction, mm_per_pixel: float | None
) -> dict[str, Any]:
    """Return the columns of a photo that hold the model's answer.

    Args:
        prediction: The answer.
        mm_per_pixel: Scale at which it was given, None if not known.
    """
    return {
        "file": storable(prediction.file),
        "label": prediction.label,
        "probability": _float(prediction.probability),
        "log_odds": _float(prediction.log_odds),
        "distance": _float(prediction.distance),
        "mm_per_pixel": _float(mm_per_pixel),
        "threshold": float(prediction.threshold),
        "width": _int(prediction.width),
        "height": _int(prediction.height),
        "seconds": float(prediction.seconds),
        "error": None if prediction.error is None else storable(prediction.error),
        "reasons": list(prediction.reasons),
        "regions": [_region_json(region) for region in prediction.regions],
    }


def photo_of(row: PhotoRow) -> InspectedPhoto:
    """Return the photo that a row holds."""
    prediction = Prediction(
        file=row.file,
        label=None if row.label is None else Label(row.label),
        probability=row.probability,
        threshold=row.threshold,
        width=row.width,
        height=row.height,
        seconds=row.seconds,
        error=row.error,
        reasons=tuple(Reason(reason) for reason in row.reasons),
        log_odds=row.log_odds,
        distance=row.distance,
        regions=tuple(Region(**region) for region in row.regions),
    )
    return InspectedPhoto(
        id=row.id,
        inspection_id=row.inspection_id,
        sha256=row.sha256,
        stored=row.stored,
        added=row.added,
        prediction=prediction,
        mm_per_pixel=row.mm_per_pixel,
        verdict=None if row.verdict is None else _verdict_of(row.verdict),
        region_verdicts=_latest(row.region_verdicts),
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


# A driver may not accept NumPy's numbers, so they become Python's own.


def _float(number: float | None) -> float | None:
    return None if number is None else float(number)


def _int(number: int | None) -> int | None:
    return None if number is None else int(number)
