"""What is done with a part of the photos: the same by every engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crack.bulk.parts import Rows, read_part, write_part
from crack.bulk.photos import BulkPhoto
from crack.data.images import MAX_BYTES
from crack.data.locations import Location, within, write_location
from crack.errors import CrackError
from crack.inference.asking import answers_of
from crack.inference.prediction import FailedPhoto, Outcome, Prediction
from crack.inference.predictor import Predictor
from crack.inference.read_ahead import read_ahead
from crack.inference.scale import UNKNOWN_SCALE, Scale
from crack.inference.sources import Item
from crack.reporting.heatmap_files import heatmap_png, lasting_name
from crack.reporting.tables import prediction_row


@dataclass(frozen=True)
class Question:
    """What is asked about all photos.

    Attributes:
        out: Folder of the answers.
        model: Fingerprint of the model.
        parts: Number of parts, see `crack.bulk.parts`.
        base: Folder from which the paths of photos begin.
        scale: Of the photos.
        regions: Whether the strongest regions of each are wanted.
        maps: Folder for the heatmaps, None if they are not wanted.
    """

    out: Location
    model: str
    parts: int
    base: Path
    scale: Scale = UNKNOWN_SCALE
    regions: bool = False
    maps: Location | None = None

    @property
    def asked(self) -> str:
        """What an answer depends on besides the photo, as its row says it."""
        scale = self.scale
        if not scale.is_known:
            return self.model
        return f"{self.model} at {scale.mm_per_pixel} mm/px, {scale.shown_mm} mm"

    def is_answered(self, photo: BulkPhoto, row: dict[str, Any] | None) -> bool:
        """Return whether a row is the answer for a photo as it is now."""
        if row is None or not photo.version:
            return False
        known = (row["size"], row["version"], row["model"])
        if known != (photo.size, photo.version, self.asked):
            return False
        # What is no picture has neither.
        return row["error"] is not None or not (
            (self.regions and row["regions"] is None)
            or (self.maps is not None and row["map"] is None)
        )


@dataclass(frozen=True)
class Counts:
    """What became of photos.

    Attributes:
        kept: Had been answered before.
        answered: Are answered now.
        failed: Could not be read, now or before.
    """

    kept: int = 0
    answered: int = 0
    failed: int = 0

    @property
    def photos(self) -> int:
        """Number of photos."""
        return self.kept + self.answered + self.failed

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.kept + other.kept,
            self.answered + other.answered,
            self.failed + other.failed,
        )


def answer_part(
    predictor: Predictor, question: Question, part: int, photos: Sequence[BulkPhoto]
) -> Counts:
    """Ask about the photos of a part that have no answer yet, and write the part.

    Rows of other photos stay, so that several folders can share their answers.

    Args:
        predictor: Of the model.
        question: What is asked.
        part: Number of the part.
        photos: All that belong to it.

    Raises:
        CrackError: The answers cannot be read or written.
    """
    rows = read_part(question.out, part, question.parts)
    open_ones = [p for p in photos if not question.is_answered(p, rows.get(p.file))]
    if open_ones:
        rows |= _new_rows(predictor, question, open_ones)
        write_part(question.out, part, question.parts, rows)
    bad = sum(rows[photo.file]["error"] is not None for photo in photos)
    new = {photo.file for photo in open_ones}
    answered = sum(rows[file]["error"] is None for file in new)
    return Counts(len(photos) - bad - answered, answered, bad)


def _new_rows(
    predictor: Predictor, question: Question, photos: Sequence[BulkPhoto]
) -> Rows:
    unread: set[str] = set()

    def noted(items: Iterable[Item]) -> Iterator[Item]:
        for photo, (name, source) in zip(photos, items, strict=True):
            if isinstance(source, CrackError) and 0 < photo.size <= MAX_BYTES:
                unread.add(name)
            yield name, source

    items = noted(read_ahead(photo.item(question.base) for photo in photos))
    answers = answers_of(predictor, items, question.scale)
    rows: Rows = {}
    for photo, outcome in zip(photos, answers, strict=True):
        # What the storage did not hand over may be there the next time.
        version = None if photo.file in unread else photo.version
        key = {"size": photo.size, "version": version, "model": question.asked}
        rows[photo.file] = prediction_row(outcome) | _more(question, outcome) | key
    return rows


def _more(question: Question, outcome: Outcome) -> dict[str, Any]:
    """Return the columns with what was wanted beside the answer."""
    if isinstance(outcome, FailedPhoto):
        return {"regions": None, "map": None}
    return {
        "regions": _regions(outcome) if question.regions else None,
        "map": _written_map(question.maps, outcome),
    }


def _regions(outcome: Prediction) -> list[dict[str, Any]]:
    return [
        asdict(region) | {"probability": round(region.probability, 6)}
        for region in outcome.regions
    ]


def _written_map(folder: Location | None, outcome: Prediction) -> str | None:
    content = heatmap_png(outcome) if folder is not None else None
    if folder is None or content is None:
        return None
    name = lasting_name(outcome.file)
    write_location(within(folder, name), content)
    return name
