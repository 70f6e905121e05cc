"""The verdicts of an inspection as a dataset of the workspace."""

from __future__ import annotations

import hashlib
from tempfile import TemporaryFile

from crack.access import change
from crack.data.dataset import Dataset, Progress
from crack.data.importer import add_dataset
from crack.inference.prediction import Label
from crack.inspections.records import Inspection
from crack.inspections.store import photos_of
from crack.inspections.verdict_export import export_settled
from crack.synthetic import sample


@change("add verdicts as a dataset", on="{name}, inspection {inspection.id}")
def add_verdicts(name: str, inspection: Inspection, progress: Progress) -> Dataset:
    """Add what is settled in an inspection as a dataset, see `export_settled`.

    Args:
        name: Of the dataset.
        inspection: Whose verdicts count.
        progress: Told the activity, and how much of it is done.

    Raises:
        CrackError: A class has no picture, the name is taken, a photo cannot be read,
            or the database cannot be used.
    """
    with TemporaryFile() as archive:
        export_settled(archive, inspection.id, progress)
        archive.seek(0)
        return add_dataset(
            name,
            archive,
            crack_class=Label.CRACK,
            note=sample.NOTE if _has_drawn(inspection) else "",
            origin=f"Verdicts on {inspection.structure}, {inspection.element}",
            progress=progress,
        )


def _has_drawn(inspection: Inspection) -> bool:
    """Return whether some of its photos are scenes that this program drew."""
    drawn = {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in sample.scene_files()
    }
    return any(photo.sha256 in drawn for photo in photos_of(inspection.id))
