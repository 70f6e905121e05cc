"""Cracks: tortuous lines of varying width, branched, netted, filled, worn.

The course of a crack is self-affine with a roughness exponent near 0.8 (Bouchaud 1997,
see `noise.line_noise`); nets of shrinkage cracks are cells around scattered points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import Voronoi

from crack.synthetic.canvas import Box, Canvas, Pen, box_around, smooth_step
from crack.synthetic.noise import Field, field, line_noise

_EARTH = np.array([0.34, 0.27, 0.19], dtype=np.float32)
_STEP = 2.0  # px between the points of a path
Path = NDArray[np.float32]


@dataclass(frozen=True)
class Line:
    """A crack to be drawn: its course (n, 2) in px and its width at each point."""

    path: Path
    width: Field


def draw_cracks(rng: np.random.Generator, canvas: Canvas, widest: float) -> None:
    """Draw one system of cracks that can be seen: a crack, several, or a net.

    Args:
        rng: Decides everything else.
        canvas: Is drawn on.
        widest: Width of the widest crack in px, at a zoom of 1.
    """
    zoom = canvas.zoom
    width = rng.lognormal(1.05, 0.65)  # most are narrow
    if rng.random() < 0.2:
        width = rng.uniform(0.3, 1) * widest
    width = max(0.8, min(float(width), widest) * zoom)
    kind = rng.choice(("single", "parallel", "net"), p=(0.72, 0.14, 0.14))
    if kind == "net":
        lines = _net(rng, canvas, min(width, 4.0 * zoom))
    else:
        lines = _across(rng, canvas, width, 1 if kind == "single" else 2)
    _paint(rng, canvas, lines, width)


def draw_stepped_crack(
    rng: np.random.Generator, canvas: Canvas, course: float, widest: float
) -> None:
    """Draw a crack that runs down in steps, as along the joints of masonry.

    Args:
        rng: Decides everything else.
        canvas: Is drawn on.
        course: Height of a course of bricks in px.
        widest: Width of the crack in px at most, at a zoom of 1.
    """
    height, across = canvas.shape
    width = min(float(rng.lognormal(1.1, 0.5)), widest) * canvas.zoom
    length = course * rng.uniform(1, 2.6)
    ahead = int(rng.choice((-1, 1)))
    x, y = across * (0.5 - ahead * rng.uniform(-0.1, 0.5)), -5.0
    corners = [(x, y)]
    while y < height and -length < x < across + length:
        y += course * int(rng.integers(1, 3))
        corners.append((x, y))
        x += ahead * length * float(rng.choice((0.5, 0.5, 1)))
        corners.append((x, y + rng.normal(0, 1)))
        if rng.random() < 0.08:
            ahead = -ahead
    sides = np.hypot(*np.diff(np.array(corners), axis=0).T)
    along = np.concatenate([[0], np.cumsum(sides)])
    count = max(8, int(along[-1] / _STEP))
    at = np.linspace(0, along[-1], count)
    path = np.stack([np.interp(at, along, axis) for axis in np.array(corners).T], 1)
    rough = rng.uniform(0.3, 1.5) * canvas.zoom
    path += rough * np.stack([line_noise(rng, count, 0.8) for _ in range(2)], 1)
    widths = _widths(rng, count, width, tapered=rng.random() < 0.4)
    _paint(rng, canvas, [Line(path.astype(np.float32), widths)], width)


def _across(
    rng: np.random.Generator, canvas: Canvas, width: float, count: int
) -> list[Line]:
    """Cracks through the picture, with their branches."""
    height, across = canvas.shape
    heading = rng.uniform(0, 2 * np.pi)
    length = np.hypot(height, across) * (1.2 if rng.random() < 0.75 else 0.55)
    middle = np.array([across, height]) * rng.uniform(0.3, 0.7, 2)
    apart = rng.uniform(40, 200) * canvas.zoom
    lines = []
    for number in range(count):
        aside = apart * (number - (count - 1) / 2)
        normal = np.array([-np.sin(heading), np.cos(heading)])
        ahead = np.array([np.cos(heading), np.sin(heading)])
        start = middle + aside * normal - ahead * length / 2
        path = _course(rng, start, heading + rng.normal(0, 0.06), length, canvas.zoom)
        trunk = Line(path, _widths(rng, len(path), width, tapered=rng.random() < 0.5))
        lines += [trunk, *_branches(rng, trunk, width, canvas.zoom)]
    return lines


def _course(
    rng: np.random.Generator, start: Path, heading: float, length: float, zoom: float
) -> Path:
    """Return a tortuous path: a slow wander, a self-affine course and sharp kinks."""
    count = max(8, int(length / _STEP))
    step = length / count
    t = np.linspace(0, 1, count)
    wander = rng.uniform(0.05, 0.5) * line_noise(rng, count, 1.3) * min(1, length / 600)
    kinks = np.repeat(
        rng.normal(0, rng.uniform(0.1, 0.6), count),
        rng.integers(3, 3 + int(16 * zoom) + 1, count),
    )[:count]
    direction = heading + wander + kinks
    path = np.cumsum(np.stack([np.cos(direction), np.sin(direction)], 1) * step, axis=0)
    normal = np.array([-np.sin(heading), np.cos(heading)])
    rough = rng.uniform(1.5, 5) * zoom * (length / 300) ** 0.3
    course = start + path + rough * line_noise(rng, count, 0.8)[:, None] * normal
    jitter = rng.uniform(0.05, 0.35) * zoom * rng.standard_normal((count, 2))
    return np.asarray(course + jitter * (t[:, None] > 0), dtype=np.float32)


def _widths(rng: np.random.Generator, count: int, width: float, tapered: bool) -> Field:
    """Return the width along a crack: it swells, narrows and may run out."""
    swell = rng.uniform(0.15, 0.5) * line_noise(rng, count, 0.6)
    values = width * np.exp(swell - 0.1)
    if tapered:
        t = np.linspace(0, 1, count)
        values *= np.minimum(1, rng.uniform(1.5, 5) * (1 - t)) ** 0.7
    return np.asarray(np.clip(values, 0.35, None), dtype=np.float32)


def _branches(
    rng: np.random.Generator, trunk: Line, width: float, zoom: float
) -> list[Line]:
    """Return thinner cracks that leave a crack."""
    lines = []
    for _ in range(rng.poisson(0.8)):
        at = int(rng.integers(len(trunk.path) // 8, len(trunk.path) - 4))
        ahead = trunk.path[min(at + 6, len(trunk.path) - 1)] - trunk.path[at]
        turn = rng.choice((-1, 1)) * rng.uniform(0.35, 1.2)
        heading = float(np.arctan2(ahead[1], ahead[0])) + turn
        length = rng.uniform(40, 260) * zoom
        path = _course(rng, trunk.path[at], heading, length, zoom)
        thinner = max(0.7, width * rng.uniform(0.3, 0.75))
        lines.append(Line(path, _widths(rng, len(path), thinner, tapered=True)))
    return lines


def _net(rng: np.random.Generator, canvas: Canvas, width: float) -> list[Line]:
    """Return map cracking: the borders of cells, some of them closed again."""
    height, across = canvas.shape
    cell = rng.uniform(45, 160) * canvas.zoom
    count = max(6, int(height * across / cell**2))
    points = rng.uniform((-cell, -cell), (across + cell, height + cell), (count, 2))
    diagram = Voronoi(points)
    lines = []
    for one, two in diagram.ridge_vertices:
        if one < 0 or rng.random() < 0.2:
            continue
        start, end = diagram.vertices[[one, two]]
        length = float(np.hypot(*(end - start)))
        inside = (start > -cell).all() and (end > -cell).all()
        if not 6 < length < 5 * cell or not inside:
            continue
        count = max(4, int(length / _STEP))
        t = np.linspace(0, 1, count)[:, None]
        normal = np.array([start[1] - end[1], end[0] - start[0]]) / length
        bend = line_noise(rng, count, 0.8) * np.sqrt(4 * t[:, 0] * (1 - t[:, 0]))
        path = start + t * (end - start) + (0.045 * length * bend)[:, None] * normal
        path += rng.normal(0, 0.25 * canvas.zoom, path.shape)
        narrow = width * rng.uniform(0.35, 1)
        widths = _widths(rng, count, narrow, tapered=False)
        lines.append(Line(path.astype(np.float32), widths))
    return lines


def _paint(
    rng: np.random.Generator, canvas: Canvas, lines: list[Line], width: float
) -> None:
    """Cut the lines into the wall, all in the same style."""
    if not lines:
        return
    box = box_around(np.concatenate([line.path for line in lines]), 24, canvas.shape)
    if box is None:
        return
    pen = Pen(box)
    for line in lines:
        sides = [
            line.width / 2 * np.exp(0.4 * line_noise(rng, len(line.width), 0.3))
            for _ in range(2)
        ]
        pen.stroke(line.path, *sides)
    open_part = pen.coverage()
    shape = open_part.shape
    _weather_edges(rng, canvas, box, open_part, width)
    # Thin cracks let more light in than they look deep.
    darkness = rng.uniform(0.55, 0.93) if width > 2 else rng.uniform(0.35, 0.8)
    inside = 0.12 * field(rng, shape[0], shape[1], 1.2, 1.5)
    if width > 3:  # one wall of a wide crack catches the light
        slope = np.gradient(gaussian_filter(open_part, width / 2.5))
        turn = rng.uniform(0, 2 * np.pi)
        lit = slope[0] * np.sin(turn) + slope[1] * np.cos(turn)
        inside = inside + rng.uniform(0, 1.2) * np.clip(lit, 0, 1) * width / 4
    depth = np.clip(darkness - inside, 0.1, 0.97)
    filled = _filling(rng, shape)
    canvas.scale(1 - open_part * depth * (1 - filled), box)
    if filled.any() and rng.random() < 0.3:
        earth = _EARTH * rng.uniform(0.6, 1.5)
        canvas.blend(0.8 * open_part * filled, earth.astype(np.float32), box)
    elif filled.any():
        dust = rng.choice((0.85, 1.05, 1.5), p=(0.6, 0.25, 0.15))
        canvas.scale(1 + open_part * filled * (dust - 1), box)
    canvas.relief[box] -= (
        rng.uniform(0.4, 1.6) * min(width, 4) * open_part * (1 - 0.7 * filled)
    )
    canvas.mark("crack", open_part, box)


def _weather_edges(
    rng: np.random.Generator, canvas: Canvas, box: Box, open_part: Field, width: float
) -> None:
    """Chipped rims, dirt or lime beside the crack."""
    shape = open_part.shape
    if rng.random() < 0.45:
        near = gaussian_filter(open_part, 1.2 + 0.5 * width)
        near = near / (near.max() + 1e-6)
        chipped = smooth_step(
            near + 0.22 * field(rng, shape[0], shape[1], 1.6, 1.5), 0.42, 0.6
        )
        canvas.scale(1 + rng.uniform(-0.1, 0.5) * chipped, box)
        canvas.relief[box] -= rng.uniform(0.3, 1.8) * chipped
    if rng.random() < 0.35:
        halo = gaussian_filter(open_part, rng.uniform(3, 9) * canvas.zoom)
        halo *= np.clip(1 + 0.6 * field(rng, shape[0], shape[1], 2.0, 2), 0, 2)
        halo = np.clip(halo * 2.5, 0, 1)
        canvas.scale(1 + rng.choice((-0.35, -0.2, 0.25)) * halo, box)


def _filling(rng: np.random.Generator, shape: tuple[int, ...]) -> Field:
    """Return where dust or lime closes the crack, 0 to 1."""
    if rng.random() < 0.5:
        return np.zeros(shape, dtype=np.float32)
    level = rng.uniform(0.4, 2)
    closed = smooth_step(field(rng, shape[0], shape[1], 1.8, 3), level, level + 0.6)
    return np.asarray(rng.uniform(0.4, 0.95) * closed, dtype=np.float32)
