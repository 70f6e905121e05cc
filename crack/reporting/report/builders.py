"""Fills in the data of a report, from fresh answers or from a stored inspection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from crack import __version__
from crack.data.images import decode_image, shrink_image
from crack.errors import CrackError
from crack.inference.overlay import overlay
from crack.inference.prediction import FailedPhoto, Label, Outcome, Prediction
from crack.inference.sources import PhotoSource, read_photo
from crack.inspections.history import element_history
from crack.inspections.photo_files import photo_content, stored_heatmap
from crack.inspections.records import (
    InspectedPhoto,
    Inspection,
    ModelVersion,
    settled_label,
)
from crack.inspections.store import photos_of
from crack.reporting.exposure import find_exposure
from crack.reporting.inspection_words import state_words, verdict_words
from crack.reporting.report.model_facts import ModelFacts, model_facts
from crack.reporting.report.report_data import ElementFinding, Report, ReportPhoto
from crack.reporting.words import version_words
from crack.runs.registry import Model, find_version, model_names

_LONGEST = 1400  # px; 200 dpi across the page
_OPACITY = 0.6
_PROGRAM = f"crack dashboard {__version__}"


def answered_photo(prediction: Outcome, source: PhotoSource) -> ReportPhoto:
    """Return what a report shows of a photo and its answer.

    Args:
        prediction: The answer, or the error instead of it.
        source: The photo; decoded again, since hundreds of decoded photos do not fit in
            memory. If it can no longer be read, a note says so instead of the pictures.

    Raises:
        CrackError: The photo was replaced by a file that is not a picture.
    """
    if isinstance(prediction, FailedPhoto):
        return ReportPhoto(prediction.file, error=prediction.error)
    shown = _without_pictures(prediction)
    if prediction.heatmap is None:
        return replace(shown, note="The heatmap of this photo is no longer there.")
    try:
        content = read_photo(source)
    except CrackError as error:
        return replace(shown, note=error.message)
    picture = shrink_image(decode_image(content), _LONGEST)
    overlaid = overlay(picture, prediction.heatmap, prediction.probability, _OPACITY)
    return replace(shown, picture=picture, overlay=overlaid)


def _without_pictures(prediction: Prediction) -> ReportPhoto:
    return ReportPhoto(
        prediction.file,
        width=prediction.width,
        height=prediction.height,
        label=prediction.label,
        probability=prediction.probability,
        reasons=prediction.reasons,
        regions=prediction.regions,
    )


def answers_report(
    model: Model, answers: Iterable[tuple[Outcome, PhotoSource]]
) -> Report:
    """Return the report on fresh answers.

    Args:
        model: The model that gave the answers.
        answers: Each with its photo; read while the report is written.
    """
    return Report(
        title="Answers to photos",
        created=datetime.now(UTC),
        model=model_facts(model.name, model.card),
        program=_PROGRAM,
        photos=(answered_photo(prediction, source) for prediction, source in answers),
    )


def inspection_report(inspection: Inspection, inspector: str = "") -> Report:
    """Return the report of an inspection as it is stored now.

    Its photos are read one by one as the report is written. A photo whose file is gone
    keeps its answer and verdict, with a note that the picture is missing.

    Args:
        inspection: As from the store.
        inspector: Name for the cover, "" for none.

    Raises:
        CrackError: The inspection was deleted, or the database cannot be used; possibly
            not before the photos are read.
    """
    photos = photos_of(inspection.id)
    model = stored_model_facts(inspection.model)
    return Report(
        title="Inspection report",
        created=datetime.now(UTC),
        model=replace(model, notes=_joined(model.notes, scale_words(photos))),
        program=_PROGRAM,
        photos=(_report_photo(photo) for photo in photos),
        structure=inspection.structure,
        element=inspection.element,
        inspected_on=inspection.inspected_on,
        inspector=inspector.strip(),
        note=inspection.note,
        history=tuple(_history(inspection)),
    )


def stored_model_facts(stored: ModelVersion) -> ModelFacts:
    """Return what is known about the model as it was when it answered.

    Its card is used only if there is a model that was exported at the same moment.
    Thresholds, temperature and offset always are those stored with the answers.
    """
    calibration = f"Temperature {stored.temperature:.4g}, offset {stored.offset:.4g}."
    model = find_version(stored.name, stored.created)
    if model is not None:
        facts = model_facts(stored.name, stored.on(model.card))
        same_name = model.name == stored.name
        renamed = "" if same_name else f"It is now called '{model.name}'."
        return replace(facts, notes=_joined(facts.notes, renamed, calibration))
    if stored.name in model_names():
        reason = "another model has this name now"
    else:
        reason = "there is no longer a model of this name"
    return ModelFacts(
        name=stored.name,
        version=version_words(stored.created),
        run_id=stored.run_id,
        trained_on="no longer known",
        fingerprints="",
        source="",
        calibrated_on="its validation images",
        thresholds=stored.thresholds,
        false_alarms_from=stored.thresholds.crack,
        results=(),
        notes="Only what was stored with the answers is known about the model, because "
        f"{reason}. {calibration}",
    )


def scale_words(photos: Sequence[InspectedPhoto]) -> str:
    """Return the scale at which the photos were judged, "" if none was known."""
    outcomes = [photo.prediction for photo in photos]
    answered = [p for p in outcomes if isinstance(p, Prediction)]
    scales = [p.mm_per_pixel for p in answered if p.mm_per_pixel]
    if not scales:
        return ""
    low, high = f"{min(scales):.3g}", f"{max(scales):.3g}"
    span = f"{low} mm per pixel" if low == high else f"{low} to {high} mm per pixel"
    if len(scales) == len(answered):
        return f"All photos were judged at a known scale: {span}."
    return (
        f"{len(scales):,} of {len(answered):,} photos were judged at a known scale: "
        f"{span}."
    )


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _history(inspection: Inspection) -> Iterator[ElementFinding]:
    """Yield the states up to this inspection; a report does not include later ones."""
    for entry in element_history(inspection.structure, inspection.element):
        yield ElementFinding(
            entry.inspection.inspected_on, state_words(entry), entry.widest_mm
        )
        if entry.inspection.id == inspection.id:
            return


def _report_photo(photo: InspectedPhoto) -> ReportPhoto:
    shown = _stored_photo(photo)
    verdict = photo.verdict
    if verdict is None:
        return shown
    settled = settled_label(photo)
    return replace(
        shown,
        verdict=verdict_words(photo),
        settled=settled,
        note="\n".join(note for note in (verdict.note, shown.note) if note),
        # A width counts only if there is a crack.
        width_mm=verdict.width_mm if settled is Label.CRACK else None,
        exposure=find_exposure(verdict.exposure) if verdict.exposure else None,
    )


def _stored_photo(photo: InspectedPhoto) -> ReportPhoto:
    """Return a photo with its answer; if its files are gone, with a note instead."""
    prediction = photo.prediction
    if isinstance(prediction, FailedPhoto):
        return answered_photo(prediction, b"")
    try:
        complete = replace(prediction, heatmap=stored_heatmap(photo))
        return answered_photo(complete, photo_content(photo))
    except CrackError as error:
        return replace(_without_pictures(prediction), note=error.message)
