"""How many images it takes to adapt a model, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass

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
    def missing_images(self) -> int:
        """How many more it takes."""
        return max(0, FEWEST_IMAGES - self.images)

    @property
    def missing_photos(self) -> int:
        """From how many more photos there must be images."""
        return max(0, FEWEST_PHOTOS - self.photos)

    @property
    def is_enough(self) -> bool:
        """Whether a model can be adapted as far as this class goes."""
        return not self.missing_images and not self.missing_photos
