"""How many images it takes to adapt a model, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from crack.inference.prediction import Label
from crack.inspections.verdict_export import ExportSummary
from crack.reporting.words import count

FEWEST_IMAGES = 6
"""Of each class; what is learned from fewer holds for nothing else."""

FEWEST_PHOTOS = 2
"""With images of a class: one is judged by what was learned from the others."""


@dataclass(frozen=True)
class Supply:
    """The images of one class.

    Attributes:
        images: How many there are.
        photos: How many photos they were cut from, copies of one another counted once.
    """

    images: int
    photos: int

    @property
    def is_enough(self) -> bool:
        """Whether a model can be adapted as far as this class goes."""
        return self.images >= FEWEST_IMAGES and self.photos >= FEWEST_PHOTOS

    def missing(self, what: str) -> str:
        """Say what is missing; "" if nothing is.

        Args:
            what: Of what kind the images are, such as "with a crack".
        """
        images, photos = FEWEST_IMAGES - self.images, FEWEST_PHOTOS - self.photos
        if images <= 0 and photos <= 0:
            return ""
        told = f"{count(images, 'image')} {what}" if images > 0 else f"images {what}"
        return f"{told} from {count(photos, 'more photo')}" if photos > 0 else told


def settled_supply(summary: ExportSummary) -> tuple[Supply, Supply]:
    """Return what verdicts give, with and without a crack."""
    cracked, sound = (
        Supply(summary.pictures[label], summary.photos[label])
        for label in (Label.CRACK, Label.NO_CRACK)
    )
    return cracked, sound
