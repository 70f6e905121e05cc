"""What engineers settled, as a labelled dataset for the next training."""

from __future__ import annotations

import csv
import zipfile
from io import StringIO
from pathlib import PurePosixPath
from typing import BinaryIO

from crack.data.source_photos import PHOTOS_FILE
from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.inspections.photo_files import photo_content
from crack.inspections.records import InspectedPhoto, Verdict, settled_label
from crack.inspections.store import list_inspections, name_key, photos_of


def export_settled(target: BinaryIO) -> dict[Label, int]:
    """Write all settled photos as a ZIP that `crack.data.importer.add_dataset` takes.

    It has the class folders `crack` and `no crack`, and `photos.csv`, where the photos
    of one element of a structure go for one photo. They show the same surface, at later
    inspections the same cracks, so a split must keep them on one side: else the test
    would ask for what the training has seen.

    The same content in several inspections is written once, as the latest verdict has
    it; where that is that the photo does not tell, it is left out. So are photos that
    the program cannot read.

    Args:
        target: File open for writing.

    Returns:
        Number of photos in each class.

    Raises:
        CrackError: A class has no photo, a photo's file cannot be read, or the database
            cannot be used. Nothing is written where a class has no photo.
    """
    chosen = _latest_by_content()
    counts = _counted(chosen)
    _check_both(counts)
    index = StringIO()
    rows = csv.writer(index, lineterminator="\n")
    rows.writerow(["file", "photo"])
    # Photos are compressed already.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for photo, surface in chosen:
            file = f"{settled_label(photo)}/{_name(photo)}"
            archive.writestr(file, photo_content(photo))
            rows.writerow([file, surface])
        archive.writestr(PHOTOS_FILE, index.getvalue())
    return counts


def count_settled() -> dict[Label, int]:
    """Return how many photos of each class `export_settled` would write.

    Raises:
        CrackError: The database cannot be used.
    """
    return _counted(_latest_by_content())


def _latest_by_content() -> list[tuple[InspectedPhoto, str]]:
    """Return the settled photos, each content once, and the surface each one shows."""
    found: list[tuple[Verdict, InspectedPhoto, str]] = []
    for summary in list_inspections():
        inspection = summary.inspection
        surface = f"{name_key(inspection.structure)} / {name_key(inspection.element)}"
        for photo in photos_of(inspection.id):
            readable = photo.prediction.error is None and photo.sha256 is not None
            if photo.verdict and readable:
                found.append((photo.verdict, photo, surface))
    found.sort(key=lambda entry: entry[0].given)
    latest = {photo.sha256: (photo, surface) for _, photo, surface in found}
    # Only now: a verdict that settles nothing takes back an earlier one that did.
    return [entry for entry in latest.values() if settled_label(entry[0])]


def _counted(chosen: list[tuple[InspectedPhoto, str]]) -> dict[Label, int]:
    labels = [settled_label(photo) for photo, _ in chosen]
    return {label: labels.count(label) for label in (Label.CRACK, Label.NO_CRACK)}


def _name(photo: InspectedPhoto) -> str:
    """Return a name that no other content has."""
    return f"{photo.sha256}{PurePosixPath(photo.stored or '').suffix}"


def _check_both(counts: dict[Label, int]) -> None:
    if all(counts.values()):
        return
    found = ", ".join(f"{label}: {count}" for label, count in counts.items())
    raise CrackError(
        f"A dataset needs settled photos of both kinds; there are {found}.",
        "Give verdicts on more photos first.",
    )
