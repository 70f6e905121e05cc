"""The scale of photos: how much of a wall they show, and the size that fits it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from crack.data.pyramid import scales_for
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import Prediction

_SMALLEST = 1e-9  # mm; divided by the width of a photo, less may be nothing at all
_OFF = 0.05  # of the wanted size; rounding to whole pixels alone changes it a little


@dataclass(frozen=True)
class Scale:
    """The scale of photos; at most one of the two is known.

    Attributes:
        mm_per_pixel: The same for all photos.
        shown_mm: Width of wall that each upright photo shows from edge to edge, in mm.

    Raises:
        CrackError: Both are given, or one is not a length.
    """

    mm_per_pixel: float | None = None
    shown_mm: float | None = None

    def __post_init__(self) -> None:
        if self.mm_per_pixel is not None and self.shown_mm is not None:
            raise CrackError(
                "Expected millimetres per pixel or the width of wall, got both.",
                "Give the one that you measured.",
            )
        for name, value in (
            ("millimetres per pixel", self.mm_per_pixel),
            ("a width of wall in mm", self.shown_mm),
        ):
            if value is not None and not _SMALLEST <= value < math.inf:
                raise CrackError(f"Expected {name} above 0, got {value}.")

    @property
    def is_known(self) -> bool:
        """Whether the scale of the photos is known."""
        return self.mm_per_pixel is not None or self.shown_mm is not None

    def at(self, width: int) -> float | None:
        """Return the mm per pixel of a photo, None if not known.

        Args:
            width: Of the upright photo in pixels.
        """
        return self.mm_per_pixel if self.shown_mm is None else self.shown_mm / width


UNKNOWN_SCALE = Scale()
"""The scale of photos if nothing is known of it; each is looked at in several sizes."""


def check_scale(card: ModelCard, scale: Scale) -> None:
    """Refuse a scale for a model that does not know its own.

    Args:
        card: Of the model.
        scale: Of the photos.

    Raises:
        CrackError: It is given, but the model has none.
    """
    if scale.is_known and card.mm_per_pixel is None:
        raise CrackError(
            f"The model '{card.name}' does not say at which scale its training images "
            "were taken.",
            "Leave the scale of the photos open, or choose another model.",
        )


def sizes_looked_at(card: ModelCard, prediction: Prediction) -> tuple[float, ...]:
    """Return the sizes in which a model looked at a photo, as factors, coarse to fine.

    Args:
        card: Of the model that answered.
        prediction: Its answer.
    """
    fitting = card.fitting_scale(prediction.mm_per_pixel)
    return scales_for(prediction.height, prediction.width, card.image_size, fitting)


def scale_missed(card: ModelCard, prediction: Prediction) -> str | None:
    """Return a warning if a photo was not looked at in the size that fits its scale.

    Args:
        card: Of the model that answered.
        prediction: Its answer.

    Returns:
        Two sentences, None if the size fits or no scale is known.
    """
    wanted = card.fitting_scale(prediction.mm_per_pixel)
    if wanted is None:
        return None
    (used,) = sizes_looked_at(card, prediction)
    if math.isclose(used, wanted, rel_tol=_OFF):
        return None
    # A large photo of wide view should be enlarged; at less its cracks look too narrow.
    most, looks = ("most", "narrower") if used < wanted else ("least", "wider")
    times = max(used / wanted, wanted / used)
    return (
        f"At {prediction.mm_per_pixel:.3g} mm per pixel a photo of "
        f"{prediction.width} × {prediction.height} px should be looked at in "
        f"{wanted:.3g} times its size; the {most} possible is {used:.3g} times. "
        f"Cracks look {times:.3g} times {looks} than those the model learned, so do "
        "not rely on the probability."
    )
