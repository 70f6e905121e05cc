"""Adds photos and their answers to an inspection."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import tee

import streamlit as st

from crack.errors import CrackError
from crack.inference.asking import answers_of
from crack.inference.prediction import Outcome
from crack.inference.scale import Scale
from crack.inference.sources import read_photo
from crack.inspections.records import InspectedPhoto, Inspection, common_scale
from crack.inspections.store import add_photo, find_inspection, photos_of
from crack.reporting.words import count
from crack.runs.registry import find_version
from pages.inspection.answer_table import Answer
from pages.inspection.batch import ASKING, Batch
from pages.inspection.intake import Photo
from pages.shared.cache import predictor

_KEEPING = "inspection_keeping"


@dataclass
class Keeping(Batch):
    """A batch to add to an inspection.

    Attributes:
        inspection_id: Of the inspection.
        known: The answers to all of the photos by their ids; empty if the model of the
            inspection is to be asked.
        kept: Ids of the photos that were added to the inspection.
    """

    inspection_id: str = ""
    known: Mapping[str, Answer] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Read:
    """A photo with its content, which is read and hashed once."""

    photo: Photo
    content: bytes | CrackError
    sha256: str | None


def start_keeping(
    inspection_id: str,
    photos: Sequence[Photo],
    known: Mapping[str, Answer] | None = None,
) -> None:
    """Let `go_on_keeping` add photos to an inspection.

    Args:
        inspection_id: Of the inspection.
        photos: The photos to add.
        known: The answers to all of the photos by their ids, if available.
    """
    st.session_state[_KEEPING] = Keeping(
        tuple(photos), inspection_id=inspection_id, known=known or {}
    )


def photos_being_kept() -> Keeping | None:
    """Return the batch that `start_keeping` began, if it is not finished."""
    keeping: Keeping | None = st.session_state.get(_KEEPING)
    if keeping is not None and keeping.cancelled:
        _end()
        return None
    return keeping


def go_on_keeping(keeping: Keeping) -> str:
    """Add the photos that are not in their inspection yet.

    A photo that was added is never asked about again. New photos are looked at in the
    scale that the existing ones have in common, if they have one.

    Args:
        keeping: As from `photos_being_kept`.

    Returns:
        How many photos were added and how many were left out, in words.

    Raises:
        CrackError: The model or the inspection is gone, or something cannot be written
            or read; photos added before stay.
    """
    activity = "Keeping the photos" if keeping.known else ASKING
    try:
        keeping.go_through(activity, _kept(keeping))
    except CrackError:
        _end()
        done, total = len(keeping.given), len(keeping.photos)
        st.warning(f"{done:,} of {total:,} photos are in the inspection.")
        raise
    _end()
    return _told(len(keeping.kept), len(keeping.photos))


def _told(kept: int, photos: int) -> str:
    if not kept:
        return "All of them are there already."
    said, same = f"Kept {count(kept, 'photo')}.", photos - kept
    if same == 1:
        said += " 1 was left out: it has the same content as another."
    elif same:
        said += f" {same:,} were left out: they have the same content as others."
    return said


def _end() -> None:
    st.session_state.pop(_KEEPING, None)


def _kept(keeping: Keeping) -> Generator[Answer]:
    """Add the missing photos to the inspection; yield the answer to each."""
    inspection = find_inspection(keeping.inspection_id)
    there = photos_of(inspection.id)
    reads = _new_ones(keeping, there)
    if keeping.known:
        pairs = ((read, keeping.known[read.photo.id].prediction) for read in reads)
    else:
        pairs = _asked(inspection, reads, Scale(common_scale(there)))
    with closing(pairs):
        for read, outcome in pairs:
            content = read.content if isinstance(read.content, bytes) else b""
            added = add_photo(inspection.id, content, outcome, sha256=read.sha256)
            keeping.kept.add(added.id)
            yield Answer.of(read.photo, outcome)


def _new_ones(keeping: Keeping, there: Sequence[InspectedPhoto]) -> Iterator[_Read]:
    """Read the missing photos; yield those that are not in the inspection yet."""
    found = {photo.sha256 or photo.prediction.file: photo for photo in there}
    for photo in keeping.missing:
        read = _read(photo)
        before = found.get(read.sha256 or photo.name)
        if before is None:
            yield read
        else:
            keeping.given[photo.id] = Answer.of(photo, before.prediction)


def _read(photo: Photo) -> _Read:
    try:
        content = read_photo(photo.source)
    except CrackError as error:
        return _Read(photo, error, None)
    return _Read(photo, content, hashlib.sha256(content).hexdigest())


def _asked(
    inspection: Inspection, reads: Iterator[_Read], scale: Scale
) -> Generator[tuple[_Read, Outcome]]:
    """Yield the photos with the answers of the inspection's model."""
    model = find_version(inspection.model.name, inspection.model.created)
    if model is None:
        raise CrackError(
            f"The model '{inspection.model.name}' that answers here is not there.",
            "Begin a new inspection with another model.",
        )
    # Its thresholds may have changed since the first photos were answered.
    asked_model = predictor(model).reading_by(inspection.model.on(model.card))
    # Only the photos being looked at are in memory.
    held, asked = tee(reads)
    items = ((read.photo.name, read.content) for read in asked)
    with closing(answers_of(asked_model, items, scale)) as outcomes:
        yield from zip(held, outcomes, strict=True)
