"""The wall that is drawn on: its colour, its relief, and where its marks are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from crack.synthetic.noise import Field

_FINE = 3  # strokes are drawn this many times larger, for edges finer than a pixel

Box = tuple[slice, slice]


@dataclass
class Canvas:
    """A wall before it is photographed.

    Attributes:
        colour: Shape (h, w, 3), share of the light sent back, 0 to 1.
        relief: Shape (h, w), height towards the viewer in px.
        zoom: Size of everything, 1 for a photo from about a metre.
        marks: Shape (h, w) each, coverage 0 to 1 of what has been drawn: `crack`,
            `line`, `pore`, `stain`, `shadow`.
    """

    colour: NDArray[np.float32]
    relief: Field
    zoom: float
    marks: dict[str, Field] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in px."""
        height, width = self.relief.shape
        return height, width

    def mark(self, kind: str, coverage: Field, box: Box) -> None:
        """Record that something covers a part of the wall."""
        whole = self.marks.setdefault(kind, np.zeros(self.shape, dtype=np.float32))
        np.maximum(whole[box], coverage, out=whole[box])

    def blend(self, coverage: Field, colour: NDArray[np.float32], box: Box) -> None:
        """Paint `coverage` with a colour, shape (3,) or (h', w', 3)."""
        part = self.colour[box]
        part += coverage[..., None] * (colour - part)
        if "crack" in self.marks:  # what is painted over can no longer be seen
            self.marks["crack"][box] *= 1 - coverage

    def scale(self, factor: Field, box: Box) -> None:
        """Darken or lighten a part of the wall."""
        self.colour[box] *= factor[..., None]


def whole(canvas: Canvas) -> Box:
    """Return the box of the whole canvas."""
    return slice(0, canvas.shape[0]), slice(0, canvas.shape[1])


def box_around(
    points: NDArray[np.float32], margin: float, shape: tuple[int, int]
) -> Box | None:
    """Return the part of the canvas around points (n, 2) of x, y; None if outside."""
    low = np.floor(points.min(0) - margin).astype(int)
    high = np.ceil(points.max(0) + margin).astype(int)
    left, top = np.maximum(low, 0)
    right, bottom = np.minimum(high, (shape[1], shape[0]))
    if right - left < 2 or bottom - top < 2:
        return None
    return slice(int(top), int(bottom)), slice(int(left), int(right))


class Pen:
    """Draws strokes of varying width; returns the share of each pixel they cover."""

    def __init__(self, box: Box) -> None:
        self._top, self._left = box[0].start, box[1].start
        self._size = box[1].stop - self._left, box[0].stop - self._top
        fine = (self._size[0] * _FINE, self._size[1] * _FINE)
        self._picture = Image.new("L", fine)
        self._draw = ImageDraw.Draw(self._picture)

    def stroke(self, points: NDArray[np.float32], left: Field, right: Field) -> None:
        """Draw along points (n, 2) of x and y.

        Args:
            points: The middle line, in px of the canvas.
            left: Width to the left of it at each point, in px.
            right: Width to the right of it.
        """
        local = (points - (self._left, self._top)) * _FINE
        ahead = np.gradient(local, axis=0)
        ahead /= np.hypot(*ahead.T)[:, None] + 1e-6
        normal = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
        # Polygons include their outline, which widens them by a fine pixel.
        one = local + normal * np.maximum(left * _FINE - 0.5, 0)[:, None]
        two = local - normal * np.maximum(right * _FINE - 0.5, 0)[:, None]
        quads = np.concatenate([one[:-1], one[1:], two[1:], two[:-1]], axis=1)
        radius = np.minimum(left, right) * _FINE
        for quad, (x, y), r in zip(
            quads.tolist(), local[1:].tolist(), radius[1:].tolist(), strict=True
        ):
            self._draw.polygon(quad, fill=255)
            if r > 1:
                self._draw.ellipse((x - r, y - r, x + r, y + r), fill=255)

    def coverage(self) -> Field:
        """Return shape (h', w') of the box, 0 to 1."""
        small = self._picture.reduce(_FINE)
        return np.asarray(np.asarray(small, dtype=np.float32) / 255, dtype=np.float32)


def smooth_step(values: Field, low: float, high: float) -> Field:
    """Return 0 below `low`, 1 above `high`, and a smooth rise between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
