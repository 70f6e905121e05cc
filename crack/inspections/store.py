"""Inspections and their photos: kept, listed, changed and deleted.

Verdicts are in `crack.inspections.verdicts`.

Each function is one transaction: once it returns, its result is on disk, even if this
process is killed a moment later.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from crack.access import Role, change
from crack.database import reading, writing
from crack.errors import CrackError
from crack.inference.prediction import Label, Outcome, Prediction
from crack.inspections import photo_files
from crack.inspections.mappers import (
    inspection_of,
    model_columns,
    photo_of,
    prediction_columns,
    storable,
)
from crack.inspections.names import name_columns, name_key
from crack.inspections.records import (
    InspectedPhoto,
    Inspection,
    InspectionSummary,
)
from crack.inspections.schema import InspectionRow, PhotoRow, VerdictRow
from crack.runs.registry import Model


@change("begin an inspection", on="{result.id}")
def create_inspection(
    structure: str, element: str, inspected_on: date, model: Model, note: str = ""
) -> Inspection:
    """Begin an inspection; its photos come one by one with `add_photo`.

    Raises:
        CrackError: A name is missing or too long, or the database cannot be used.
    """
    columns = name_columns(structure, element) | model_columns(model)
    with writing() as session:
        row = InspectionRow(
            **columns,
            inspected_on=inspected_on,
            note=storable(note),
            created=datetime.now(UTC),
        )
        session.add(row)
        session.flush()
        return inspection_of(row)


def list_inspections() -> list[InspectionSummary]:
    """Return all inspections, the latest day first.

    Raises:
        CrackError: The database cannot be used.
    """
    counted = {
        "photos": func.count(PhotoRow.id),
        "errors": func.count(PhotoRow.error),
        "verdicts": func.count(VerdictRow.photo_id).filter(PhotoRow.error.is_(None)),
    }
    labelled = {
        label: func.count(PhotoRow.id).filter(PhotoRow.label == label)
        for label in Label
    }
    query = (
        select(InspectionRow, *counted.values(), *labelled.values())
        .outerjoin(PhotoRow, PhotoRow.inspection_id == InspectionRow.id)
        .outerjoin(VerdictRow, VerdictRow.photo_id == PhotoRow.id)
        .group_by(InspectionRow.id)
        .order_by(InspectionRow.inspected_on.desc(), InspectionRow.created.desc())
    )
    with reading() as session:
        summaries = []
        for row, *numbers in session.execute(query).all():
            totals = dict(zip(counted, numbers, strict=False))
            answers = dict(zip(labelled, numbers[len(counted) :], strict=True))
            summaries.append(
                InspectionSummary(inspection_of(row), answers=answers, **totals)
            )
        return summaries


def find_inspection(inspection_id: str) -> Inspection:
    """Return the inspection with that id.

    Raises:
        CrackError: There is none, or the database cannot be used.
    """
    with reading() as session:
        return inspection_of(_inspection_row(session, inspection_id))


def inspections_of(structure: str, element: str) -> list[Inspection]:
    """Return the inspections of an element, the earliest first; see `name_key`.

    Raises:
        CrackError: The database cannot be used.
    """
    query = (
        select(InspectionRow)
        .where(InspectionRow.structure_key == name_key(structure))
        .where(InspectionRow.element_key == name_key(element))
        .order_by(InspectionRow.inspected_on, InspectionRow.created)
    )
    with reading() as session:
        return [inspection_of(row) for row in session.scalars(query)]


@change("change the facts of an inspection", on="{inspection_id}")
def change_inspection(
    inspection_id: str, *, structure: str, element: str, inspected_on: date, note: str
) -> Inspection:
    """Replace the facts entered by hand; the photos and the model stay.

    Raises:
        CrackError: There is none, a name is missing or too long, or the database
            cannot be used.
    """
    columns = name_columns(structure, element) | {
        "inspected_on": inspected_on,
        "note": storable(note),
    }
    with writing() as session:
        row = _inspection_row(session, inspection_id, lock=True)
        for name, value in columns.items():
            setattr(row, name, value)
        return inspection_of(row)


@change("delete an inspection", Role.ADMIN, on="{inspection_id}")
def delete_inspection(inspection_id: str) -> None:
    """Delete an inspection with its photos, their files and the verdicts.

    Raises:
        CrackError: There is none, or the database cannot be used.
    """
    with writing() as session:
        session.delete(_inspection_row(session, inspection_id, lock=True))
    # Deleted last, so that no row is ever without its files.
    photo_files.delete_photos(inspection_id)


@change("add a photo to an inspection", on="{result.id}, {inspection_id}")
def add_photo(
    inspection_id: str,
    content: bytes,
    prediction: Outcome,
    *,
    sha256: str | None = None,
) -> InspectedPhoto:
    """Add a photo and the model's answer to an inspection.

    Args:
        inspection_id: Of the inspection.
        content: The unchanged photo; empty if it could not be read.
        prediction: The answer; a photo without one is kept with its error.
        sha256: Of the content, in hex digits, if the caller has computed it already.

    Returns:
        The photo. If this inspection has the same content already, that photo is
        returned with its answer, heatmap and verdict unchanged. Photos without content
        are the same if their names are equal.

    Raises:
        CrackError: There is no such inspection, the photo cannot be written, or the
            database cannot be used.
    """
    columns = prediction_columns(prediction)
    if content and sha256 is None:
        sha256 = hashlib.sha256(content).hexdigest()
    with writing() as session:
        # Locked until the end: another process that adds the same photo, or deletes the
        # inspection, waits.
        _inspection_row(session, inspection_id, lock=True)
        there = _same_photo(session, inspection_id, sha256, columns["file"])
        if there is not None:
            found = photo_of(there)
            if content:
                photo_files.restore_photo(found, content)
            return found
        stored = None
        if sha256 is not None:  # the files first, so that no row is ever without them
            heatmap = prediction.heatmap if isinstance(prediction, Prediction) else None
            stored = photo_files.save_photo(inspection_id, content, sha256, heatmap)
        row = PhotoRow(
            **columns,
            inspection_id=inspection_id,
            sha256=sha256,
            stored=stored,
            added=datetime.now(UTC),
        )
        session.add(row)
        session.flush()
        return photo_of(row)


def photos_of(inspection_id: str) -> list[InspectedPhoto]:
    """Return the photos of an inspection in the order in which they were added.

    Raises:
        CrackError: There is no such inspection, or the database cannot be used.
    """
    query = (
        select(PhotoRow)
        .where(PhotoRow.inspection_id == inspection_id)
        .options(joinedload(PhotoRow.verdict), selectinload(PhotoRow.region_verdicts))
        .order_by(PhotoRow.added, PhotoRow.id)
    )
    with reading() as session:
        _inspection_row(session, inspection_id)
        return [photo_of(row) for row in session.scalars(query)]


def find_photo(photo_id: str) -> InspectedPhoto:
    """Return the photo with that id.

    Raises:
        CrackError: There is none, or the database cannot be used.
    """
    with reading() as session:
        return photo_of(photo_row(session, photo_id))


def photo_row(session: Session, photo_id: str, *, lock: bool = False) -> PhotoRow:
    """Return the row of a photo.

    Args:
        session: In which it is used.
        photo_id: Of the photo.
        lock: Whether simultaneous verdicts on the photo must wait for this session.

    Raises:
        CrackError: There is none.
    """
    row = session.get(PhotoRow, photo_id, with_for_update=lock)
    if row is None:
        raise CrackError(
            f"There is no photo '{photo_id}'.",
            "Its inspection may have been deleted; open the list of inspections.",
        )
    return row


def _same_photo(
    session: Session, inspection_id: str, sha256: str | None, file: str
) -> PhotoRow | None:
    """Return the row of a photo; without content, the one with its name."""
    same = PhotoRow.sha256 == sha256
    if sha256 is None:
        same = PhotoRow.sha256.is_(None) & (PhotoRow.file == file)
    query = select(PhotoRow).where(PhotoRow.inspection_id == inspection_id, same)
    return session.scalars(query).one_or_none()


def _inspection_row(
    session: Session, inspection_id: str, *, lock: bool = False
) -> InspectionRow:
    """Return the row, for this session alone if `lock` is set."""
    row = session.get(InspectionRow, storable(inspection_id), with_for_update=lock)
    if row is None:
        raise CrackError(
            f"There is no inspection '{inspection_id}'.",
            "It may have been deleted; open the list of inspections.",
        )
    return row
