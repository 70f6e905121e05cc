"""Straight and curved lines across a picture, as joints, wires and shadows have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crack.synthetic.canvas import Box, Canvas, Pen, box_around
from crack.synthetic.noise import Field

Curve = NDArray[np.float32]
"""Points (n, 2) of x and y, in px."""


def straight(rng: np.random.Generator, canvas: Canvas, upright: float = 0.8) -> Curve:
    """Return points of a line across the picture, mostly level or upright."""
    height, width = canvas.shape
    angle = rng.choice((0, np.pi / 2)) + rng.normal(0, 0.03)
    if rng.random() > upright:
        angle = rng.uniform(0, np.pi)
    length = 1.3 * np.hypot(height, width)
    middle = np.array([width, height]) * rng.uniform(0.15, 0.85, 2)
    t = np.linspace(-0.5, 0.5, max(8, int(length / 6)))[:, None]
    ahead = np.array([np.cos(angle), np.sin(angle)])
    return np.asarray(middle + t * length * ahead, dtype=np.float32)


def curved(rng: np.random.Generator, canvas: Canvas, bend: float) -> Curve:
    """Return points of a smooth curve across the picture, as a cable hangs."""
    line = straight(rng, canvas, upright=0.4)
    normal = normal_of(line)
    t = np.linspace(-1, 1, len(line))
    sag = bend * rng.normal() * t**2 + bend / 2 * rng.normal() * np.sin(3 * t)
    return np.asarray(line + (sag * canvas.shape[1])[:, None] * normal, np.float32)


def normal_of(line: Curve) -> NDArray[np.float32]:
    """Return the direction across a line, from its first to its last point."""
    ahead = line[-1] - line[0]
    across = np.array([-ahead[1], ahead[0]]) / np.hypot(*ahead)
    return np.asarray(across, dtype=np.float32)


def distance_from(canvas: Canvas, line: Curve) -> Field:
    """Return how far each place is from a straight line, in px, with a sign by side."""
    (x0, y0), (x1, y1) = line[0], line[-1]
    y = np.arange(canvas.shape[0], dtype=np.float32)[:, None]
    x = np.arange(canvas.shape[1], dtype=np.float32)[None]
    cross = (x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)
    return np.asarray(cross / np.hypot(x1 - x0, y1 - y0), dtype=np.float32)


def drawn_along(
    canvas: Canvas, curve: Curve, width: Field | float
) -> tuple[Box, Field] | None:
    """Return the box of a stroke along a line and its coverage; None if outside."""
    box = box_around(curve, 40 * canvas.zoom, canvas.shape)
    if box is None:
        return None
    half = np.zeros(len(curve), dtype=np.float32) + np.float32(0.5) * width
    pen = Pen(box)
    pen.stroke(curve, half, half)
    return box, pen.coverage()
