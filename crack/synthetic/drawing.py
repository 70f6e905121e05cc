"""A whole made-up photo, with a map of what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter

from crack.synthetic.camera import photograph
from crack.synthetic.canvas import Canvas
from crack.synthetic.cracks import draw_cracks
from crack.synthetic.lookalikes import BEFORE_THE_WALL, IN_THE_WALL
from crack.synthetic.marks import MARKS
from crack.synthetic.surfaces import bare_surface

CONCRETE = {
    "cast": 0.3,
    "boards": 0.14,
    "trowelled": 0.14,
    "broomed": 0.06,
    "plastered": 0.12,
    "weathered": 0.16,
    "aggregate": 0.08,
}
"""Surfaces of concrete and mortar, and how often each is drawn."""

EVERYTHING = CONCRETE | {"laid": 0.12, "painted": 0.06}
"""Those, and walls of bricks or blocks and painted ones."""

MARK_NAMES = ("crack", "line", "pore", "stain", "shadow")

_COVERED = 0.25  # share of a pixel from which on it counts as marked


Draw = Callable[[np.random.Generator, Canvas], None]


@dataclass(frozen=True)
class Drawing:
    """A drawn photo.

    Attributes:
        image: Shape (h, w, 3), RGB.
        surface: Kind of surface.
        marks: Shape (h, w) each, where something is: `crack`, `line` (what looks like a
            crack but is not), `pore`, `stain`, `shadow`.
    """

    image: NDArray[np.uint8]
    surface: str
    marks: dict[str, NDArray[np.bool_]]

    @property
    def cracks(self) -> NDArray[np.bool_]:
        """Where cracks are, shape (h, w)."""
        return self.marks["crack"]


def draw_photo(
    rng: np.random.Generator,
    height: int,
    width: int,
    cracked: bool,
    surfaces: dict[str, float] = CONCRETE,
    zoom: float = 1.0,
    widest: float = 12.0,
) -> Drawing:
    """Draw a photo of a wall.

    Args:
        rng: Decides everything else.
        height: In px.
        width: In px.
        cracked: Whether there are cracks.
        surfaces: Kinds of surface and how often each is drawn.
        zoom: Size of everything: 1 for a photo from about a metre, with 227 px across
            about 20 cm.
        widest: Width of the widest cracks in px, at a zoom of 1.
    """
    canvas, kind = _surface(rng, height, width, surfaces, zoom)
    _add(rng, canvas, MARKS.items(), 1)
    _add(rng, canvas, IN_THE_WALL.items(), 0.6 if cracked else 1.3)
    if cracked:
        draw_cracks(rng, canvas, widest)
    _add(rng, canvas, BEFORE_THE_WALL.items(), 0.6 if cracked else 1.3)
    return _photographed(rng, canvas, kind)


def draw_close_up(rng: np.random.Generator, side: int, broken: Draw | None) -> Drawing:
    """Draw a photo of concrete from nearby, square, often a little out of focus.

    Args:
        rng: Decides everything else.
        side: In px.
        broken: Draws a broken place (`crack.synthetic.gaps`); None for a sound wall.
    """
    zoom = float(np.exp(rng.normal(0.7, 0.5)))
    canvas, kind = _surface(rng, side, side, CONCRETE, zoom)
    _add(rng, canvas, MARKS.items(), 1)
    _add(rng, canvas, IN_THE_WALL.items(), 0.4 if broken else 1)
    if broken:
        broken(rng, canvas)
    _add(rng, canvas, BEFORE_THE_WALL.items(), 0.3 if broken else 1.3)
    if rng.random() < 0.3:
        blur = rng.uniform(0.8, 2.5)
        canvas.colour = gaussian_filter(canvas.colour, (blur, blur, 0))
    return _photographed(rng, canvas, kind)


def crack_contrast(image: NDArray[np.uint8], cracks: NDArray[np.bool_]) -> float:
    """Return how much cracks differ from their surroundings.

    A crack filled with dust, or in the shade, may be invisible.

    Args:
        image: Shape (h, w, 3), RGB.
        cracks: Shape (h, w), where the cracks are.

    Returns:
        Mean difference in grey levels, 0 to 255; 0 without a crack.
    """
    beside = binary_dilation(cracks, iterations=6) & ~binary_dilation(cracks)
    if not cracks.any() or not beside.any():
        return 0.0
    grey = image.mean(axis=-1)
    return float(abs(grey[cracks].mean() - grey[beside].mean()))


def _surface(
    rng: np.random.Generator,
    height: int,
    width: int,
    surfaces: dict[str, float],
    zoom: float,
) -> tuple[Canvas, str]:
    """Return a bare wall, and what kind it is."""
    shares = np.array(list(surfaces.values()))
    kind = str(rng.choice(list(surfaces), p=shares / shares.sum()))
    return bare_surface(rng, height, width, kind, zoom), kind


def _photographed(rng: np.random.Generator, canvas: Canvas, kind: str) -> Drawing:
    image = photograph(rng, canvas)
    nothing = np.zeros(canvas.shape, dtype=np.bool_)
    marks = {
        name: canvas.marks[name] > _COVERED if name in canvas.marks else nothing
        for name in MARK_NAMES
    }
    return Drawing(image, kind, marks)


def _add(
    rng: np.random.Generator,
    canvas: Canvas,
    things: Iterable[tuple[Draw, float]],
    often: float,
) -> None:
    for draw, share in things:
        if rng.random() < share * often:
            draw(rng, canvas)
