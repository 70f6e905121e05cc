"""The settled verdicts as a labelled dataset for the next training.

`crack.inspections.settled` decides what counts, and `crack.inspections.region_tiles`
where tiles are cut from a photo.
"""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO, StringIO
from pathlib import PurePosixPath
from typing import BinaryIO

from PIL import Image

from crack.data.dataset import Progress
from crack.data.images import decode_image
from crack.data.source_photos import PHOTOS_FILE
from crack.data.tiles import cut_tiles
from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.inspections.photo_files import photo_content
from crack.inspections.records import Box
from crack.inspections.region_tiles import TilePlan, plan_tiles
from crack.inspections.settled import SettledPhoto, settled_photos
from crack.storage import safe_cell

_CLASSES = (Label.CRACK, Label.NO_CRACK)
_SMALL = 2  # tiles; a longer photo loses its crack when scaled down to one
_LEAST_GROUPS = 3  # of each class; with fewer, a grouped split cannot be made


class LeftOut(StrEnum):
    """Why something settled was left out of the dataset."""

    NO_REGION = "no region"
    CONTRADICTION = "contradiction"
    TOO_LARGE = "too large"
    TOO_SMALL = "too small"
    OVERLAP = "overlap"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class ExportSummary:
    """What is in a dataset of verdicts, and what was left out.

    Attributes:
        pictures: Number of tiles and whole photos of each class.
        photos: Number of photos that they come from, of each class.
        left_out: Number of photos settled as crack of which no region is
            (`no region`), settled as no crack although a region is a crack
            (`contradiction`), or not readable (`unreadable`); of boxes with a crack
            that are larger than a tile (`too large`); of sound boxes that are smaller
            than one (`too small`); of sound tiles that touch a crack (`overlap`). Only
            reasons that apply are listed.
        by_element: Whether photos of one element count as one photo; False if there are
            too few elements to split.
    """

    pictures: dict[Label, int]
    photos: dict[Label, int]
    left_out: dict[LeftOut, int]
    by_element: bool


@dataclass(frozen=True)
class _Part:
    """The pictures that one photo gives."""

    source: SettledPhoto
    whole: Label | None  # its class, if it is written whole
    plan: TilePlan
    left_out: dict[LeftOut, int]

    @property
    def labels(self) -> list[Label]:
        """The class of each picture."""
        tiles = [Label(tile.label) for tile in self.plan.tiles]
        return tiles if self.whole is None else [self.whole, *tiles]


def export_settled(
    target: BinaryIO,
    inspection_id: str | None = None,
    progress: Progress | None = None,
) -> ExportSummary:
    """Write the settled verdicts as a ZIP for `crack.data.importer.add_dataset`.

    It has the class folders `crack` and `no crack`, and `photos.csv`. In that file all
    photos of one element of a structure count as one photo. They show the same surface,
    and at later inspections the same cracks, so a split must keep them on one side;
    otherwise the test would contain what the training has seen. If there are too few
    elements to split, only the pictures of one photo stay together.

    - A judged region gives tiles at the sizes at which the model looks.
    - So does a large photo settled as no crack: some all over it, and those where the
      model saw a crack most.
    - A photo at most two tiles long is written as it is, in the class it is settled as.
      A longer one settled as crack is not: as one picture of a dataset it would be
      scaled down until nothing of the crack is left.

    Args:
        target: File open for writing.
        inspection_id: Of the inspection whose verdicts to write; by default all.
        progress: Told how many photos are done.

    Raises:
        CrackError: A class has no picture (then nothing is written), a photo's file
            cannot be read, or the database cannot be used.
    """
    parts, summary = _planned(inspection_id)
    _check_both(summary.pictures)
    index = StringIO()
    rows = csv.writer(index, lineterminator="\n")
    rows.writerow(["file", "photo", "photo_sha256"])
    # Photos and tiles are compressed already.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for done, part in enumerate(parts, start=1):
            together = part.source.surface
            if not summary.by_element:
                together += f" / {_stem(part)}"
            for file, content in _pictures(part):
                archive.writestr(file, content)
                rows.writerow([file, safe_cell(together), part.source.photo.sha256])
            if progress:
                progress("Cutting tiles from the photos", done, len(parts))
        archive.writestr(PHOTOS_FILE, index.getvalue())
    return summary


def count_settled(inspection_id: str | None = None) -> ExportSummary:
    """Return what `export_settled` would write.

    Args:
        inspection_id: Of the inspection whose verdicts to count; by default all.

    Raises:
        CrackError: There is no such inspection, or the database cannot be used.
    """
    return _planned(inspection_id)[1]


def _planned(inspection_id: str | None) -> tuple[list[_Part], ExportSummary]:
    settled, unreadable = settled_photos(inspection_id)
    parts = [_part(photo) for photo in settled]
    left_out = Counter({LeftOut.UNREADABLE: unreadable})
    for part in parts:
        left_out.update(part.left_out)
    pictures = Counter(label for part in parts for label in part.labels)
    photos = Counter(label for part in parts for label in set(part.labels))
    surfaces = {(label, p.source.surface) for p in parts for label in p.labels}
    elements = Counter(label for label, _ in surfaces)
    return parts, ExportSummary(
        pictures={label: pictures[label] for label in _CLASSES},
        photos={label: photos[label] for label in _CLASSES},
        left_out={reason: left_out[reason] for reason in LeftOut if left_out[reason]},
        by_element=all(elements[label] >= _LEAST_GROUPS for label in _CLASSES),
    )


def _part(source: SettledPhoto) -> _Part:
    """Decide what a photo gives."""
    label, is_small = source.label, _is_small(source)
    contradiction = label is Label.NO_CRACK and bool(source.cracks)
    plan = plan_tiles(
        source.size, source.scales, source.side, source.cracks, _sound_boxes(source)
    )
    lost = label is Label.CRACK and not source.cracks and not is_small
    left_out = {
        LeftOut.NO_REGION: int(lost),
        LeftOut.CONTRADICTION: int(contradiction),
        LeftOut.TOO_LARGE: plan.too_large,
        LeftOut.TOO_SMALL: plan.too_small,
        LeftOut.OVERLAP: plan.overlapping,
    }
    whole = label if is_small and not contradiction else None
    return _Part(source, whole, plan, left_out)


def _is_small(source: SettledPhoto) -> bool:
    return max(source.size) * (source.fitting or 1) <= _SMALL * source.side


def _sound_boxes(source: SettledPhoto) -> Sequence[Box]:
    """Return the boxes without a crack, including a large photo settled as no crack."""
    if source.label is not Label.NO_CRACK or source.cracks or _is_small(source):
        return source.sound
    seen = [(r.left, r.top, r.width, r.height) for r in source.answer.regions]
    return [*source.sound, *seen, (0, 0, *source.size)]


def _pictures(part: _Part) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each picture."""
    source, stem = part.source, _stem(part)
    content = photo_content(source.photo)
    if part.whole is not None:
        suffix = PurePosixPath(source.photo.stored or "").suffix
        yield f"{part.whole}/{source.photo.sha256}{suffix}", content
    if not part.plan.tiles:
        return
    photo = decode_image(content)
    for tile, pixels in cut_tiles(photo, source.scales, source.side, part.plan.tiles):
        buffer = BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG")
        yield tile.file_name(stem), buffer.getvalue()


def _stem(part: _Part) -> str:
    """Return the prefix of the names of a photo's tiles, unique to its content."""
    return (part.source.photo.sha256 or "")[:16]


def _check_both(counts: dict[Label, int]) -> None:
    if all(counts.values()):
        return
    found = ", ".join(f"{label}: {count}" for label, count in counts.items())
    raise CrackError(
        f"A dataset needs pictures of both kinds; there are {found}.",
        "Judge more regions, or more photos, first.",
    )
