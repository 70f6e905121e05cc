"""The scale of photos: how much of a wall they show, and the size that fits it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from crack.data.images import Source, read_source, upright_size
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import Prediction
from crack.inference.predictor import Predictor
from crack.inference.pyramid import scales_for
from crack.inference.sources import Item

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
            if value is not None and not 0 < value < math.inf:
                raise CrackError(f"Expected {name} above 0, got {value}.")

    def at(self, width: int) -> float | None:
        """Return the mm per pixel of a photo, None if not known.

        Args:
            width: Of the upright photo in pixels.
        """
        return self.mm_per_pixel if self.shown_mm is None else self.shown_mm / width


def predict_at(
    predictor: Predictor, items: Iterable[Item], scale: Scale
) -> Generator[Prediction]:
    """Answer for each item, each at its own scale.

    Args:
        predictor: To ask.
        items: As for `Predictor.predict`.
        scale: Of the photos.

    Yields:
        One prediction per item, in order.

    Raises:
        CrackError: The scale is known, but not that of the model.
    """
    # Photos from one camera have the same width, so most are still decoded ahead.
    for mm_per_pixel, group in groupby(_scaled(items, scale), lambda pair: pair[0]):
        yield from predictor.predict((item for _, item in group), mm_per_pixel)


def predict_with_sources(
    predictor: Predictor, items: Iterable[Item], scale: Scale
) -> Generator[tuple[Prediction, Source | CrackError]]:
    """Answer as `predict_at`, yielding each answer with its source.

    Only the sources in progress are kept in memory.
    """
    waiting: deque[Source | CrackError] = deque()

    def passing() -> Iterator[Item]:
        for name, source in items:
            waiting.append(source)
            yield name, source

    for prediction in predict_at(predictor, passing(), scale):
        yield prediction, waiting.popleft()


def sizes_looked_at(
    card: ModelCard, width: int, height: int, mm_per_pixel: float | None
) -> tuple[float, ...]:
    """Return the sizes in which a model looks at a photo, as factors, coarse to fine.

    Args:
        card: Of the model; a scale is only used if the model knows its own.
        width: Of the upright photo in pixels.
        height: Of the upright photo in pixels.
        mm_per_pixel: Of the photo, where that is known.
    """
    fitting = card.fitting_scale(mm_per_pixel)
    return scales_for(height, width, card.image_size, fitting)


def scale_missed(
    card: ModelCard, width: int, height: int, mm_per_pixel: float | None
) -> str | None:
    """Return a warning if a photo cannot be looked at in the size that fits its scale.

    Args:
        card: As for `sizes_looked_at`, like the other arguments.
        width: Of the upright photo in pixels.
        height: Of the upright photo in pixels.
        mm_per_pixel: Of the photo, where that is known.

    Returns:
        Two sentences, None if the size fits or no scale is known.
    """
    wanted = card.fitting_scale(mm_per_pixel)
    if wanted is None:
        return None
    (used,) = sizes_looked_at(card, width, height, mm_per_pixel)
    if math.isclose(used, wanted, rel_tol=_OFF):
        return None
    # A large photo of wide view should be enlarged; at less its cracks look too narrow.
    most, looks = ("most", "narrower") if used < wanted else ("least", "wider")
    times = max(used / wanted, wanted / used)
    return (
        f"At {mm_per_pixel:.3g} mm per pixel a photo of {width} × {height} px should "
        f"be looked at in {wanted:.3g} times its size; the {most} possible is "
        f"{used:.3g} times. Cracks look {times:.3g} times {looks} than those the model "
        "learned, so do not rely on the probability."
    )


def _scaled(items: Iterable[Item], scale: Scale) -> Iterator[tuple[float | None, Item]]:
    """Yield items with their mm per pixel."""
    for name, source in items:
        if scale.shown_mm is None or isinstance(source, CrackError):
            yield scale.mm_per_pixel, (name, source)
            continue
        try:
            content = read_source(source)
        except CrackError as error:
            yield None, (name, error)
            continue
        size = upright_size(content)  # unreadable, so there will be no answer either
        yield scale.at(size[0]) if size else None, (name, content)
