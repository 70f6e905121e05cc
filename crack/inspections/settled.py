"""Which photos and regions an engineer settled, over all inspections."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from crack.data.pyramid import scales_for
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import Label, Prediction
from crack.inspections.names import name_key
from crack.inspections.records import (
    Box,
    InspectedPhoto,
    Inspection,
    ModelVersion,
    RegionVerdict,
    settled_label,
)
from crack.inspections.store import (
    find_inspection,
    list_inspections,
    photos_of,
)
from crack.runs.config import TrainConfig
from crack.runs.registry import find_model, find_version

_Found = tuple[InspectedPhoto, Prediction, Inspection]


@dataclass(frozen=True)
class SettledPhoto:
    """A photo with something settled.

    Attributes:
        photo: As it is in the inspection whose verdict counts.
        answer: The model's, to this photo.
        surface: Structure and element that it shows.
        size: Width and height in pixels.
        label: The answer that counts for the whole photo; None if not settled.
        cracks: Regions with a crack.
        sound: Regions without.
        side: Of the pictures that the model learned from, in pixels.
        fitting: Scale at which cracks are as wide as those the model learned from; None
            where it is not known.
    """

    photo: InspectedPhoto
    answer: Prediction
    surface: str
    size: tuple[int, int]
    label: Label | None
    cracks: tuple[Box, ...]
    sound: tuple[Box, ...]
    side: int
    fitting: float | None

    @property
    def scales(self) -> tuple[float, ...]:
        """The scales at which the model looks at the photo, coarse to fine."""
        width, height = self.size
        return scales_for(height, width, self.side, self.fitting)


def settled_photos(
    inspection_id: str | None = None,
) -> tuple[list[SettledPhoto], int]:
    """Return each content once, and the number of judged photos that are unreadable.

    For a photo that is in several inspections the latest verdict counts; if that is
    `cannot tell`, the photo as a whole is not settled. Of each region the latest
    verdict counts, whatever the verdict on the photo.

    Args:
        inspection_id: Of the inspection to look at alone; by default all count.

    Raises:
        CrackError: There is no such inspection, or the database cannot be used.
    """
    by_content: dict[str, list[_Found]] = {}
    unreadable = 0
    if inspection_id is None:
        inspections = [summary.inspection for summary in list_inspections()]
    else:
        inspections = [find_inspection(inspection_id)]
    for inspection in inspections:
        for photo in photos_of(inspection.id):
            if photo.verdict is None and not photo.region_verdicts:
                continue
            answer = photo.prediction
            if photo.sha256 is None or not isinstance(answer, Prediction):
                unreadable += 1
                continue
            found = (photo, answer, inspection)
            by_content.setdefault(photo.sha256, []).append(found)
    settled = [_of_content(copies) for copies in by_content.values()]
    kept = [photo for photo in settled if photo.label or photo.cracks or photo.sound]
    return kept, unreadable


def _of_content(copies: Sequence[_Found]) -> SettledPhoto:
    photo, answer, inspection = max(copies, key=_judged_at)
    regions = _latest_regions(copies)
    card = _card(inspection.model)
    return SettledPhoto(
        photo=photo,
        answer=answer,
        surface=f"{name_key(inspection.structure)} / {name_key(inspection.element)}",
        size=(answer.width, answer.height),
        label=settled_label(photo),
        cracks=tuple(region.box for region in regions if region.is_crack),
        sound=tuple(region.box for region in regions if not region.is_crack),
        side=card.image_size if card else TrainConfig.image_size,
        fitting=card.fitting_scale(answer.mm_per_pixel) if card else None,
    )


def _judged_at(found: _Found) -> tuple[bool, float]:
    """Return a sort key for copies of a photo: those with a verdict come last."""
    photo, _, _ = found
    if photo.verdict is not None:
        return True, photo.verdict.given.timestamp()
    return False, photo.region_verdicts[-1].given.timestamp()


def _latest_regions(copies: Sequence[_Found]) -> list[RegionVerdict]:
    given = [region for photo, _, _ in copies for region in photo.region_verdicts]
    given.sort(key=lambda region: region.given)
    return list({region.box: region for region in given}.values())


def _card(stored: ModelVersion) -> ModelCard | None:
    """Return the card of the model, or of the one with its name; None without one."""
    if model := find_version(stored.name, stored.created):
        return model.card
    with suppress(CrackError):
        return find_model(stored.name).card
    return None
