"""Bare surfaces: cast, board-marked, trowelled, plastered, of stones, laid, painted."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

from crack.synthetic.canvas import Canvas, smooth_step, whole
from crack.synthetic.noise import Field, arcs, field, streaks, wrapped

_STONES = 512  # px of the tile of stones


def bare_surface(
    rng: np.random.Generator, height: int, width: int, kind: str, zoom: float
) -> Canvas:
    """Return a bare wall of one kind.

    Args:
        rng: Decides everything but the kind.
        height: In px.
        width: In px.
        kind: A key of `SURFACES`.
        zoom: Size of its texture.
    """
    grey = 0.25 + 0.5 * rng.beta(2.2, 1.6)
    warmth, green = rng.normal(0.03, 0.03), rng.normal(0.004, 0.01)
    base = grey * np.array([1 + warmth, 1 + green, 1 - 1.3 * warmth], dtype=np.float32)
    tone = 1 + 0.02 * field(rng, height, width, 2.0, 2)
    tone += rng.uniform(0.008, 0.03) * field(rng, height, width, 0.6, max(1.0, zoom))
    relief = 0.12 * field(rng, height, width, 1.2)
    colour = np.broadcast_to(base, (height, width, 3)).copy()
    canvas = Canvas(colour, relief, zoom)
    tint = rng.uniform(0.002, 0.012) * field(rng, height, width, 2.4, 4)
    canvas.colour[..., 0] *= 1 + tint
    canvas.colour[..., 2] *= 1 - tint
    SURFACES[kind](rng, canvas, tone)
    canvas.colour *= np.clip(tone, 0.2, 2)[..., None]
    return canvas


def _cast(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    tone += rng.uniform(0.01, 0.05) * field(rng, *canvas.shape, 2.4, 3)
    if rng.random() < 0.4:  # sheets of plywood were never equally dry
        angle = rng.choice((0.0, 90.0)) + rng.normal(0, 2)
        grain = (1.5 * canvas.zoom, rng.uniform(15, 60) * canvas.zoom)
        tone += 0.012 * streaks(rng, *canvas.shape, angle, grain)


def _boards(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    """Print of rough boards: a band of grain each, a small ridge where two met."""
    upright = rng.random() < 0.4
    height, width = canvas.shape[::-1] if upright else canvas.shape
    board = rng.uniform(55, 190) * canvas.zoom
    position = np.arange(height, dtype=np.float32) + rng.uniform(0, board)
    position = position + 0.25 * board * np.sin(position / board)  # unequal boards
    number = (position / board).astype(int)
    length = rng.uniform(25, 90) * canvas.zoom
    grain = field(rng, height, width, 1.6, (2 * canvas.zoom, length))
    shifts = rng.integers(width, size=number.max() + 1)
    grain = np.stack(
        [np.roll(row, shifts[n]) for row, n in zip(grain, number, strict=True)]
    )
    level = rng.normal(0, 0.05, number.max() + 1)[number].astype(np.float32)
    edge = np.abs((position / board) % 1 - 0.5) * -board + board / 2  # px from a seam
    wobble = edge[:, None] + 0.7 * field(rng, height, width, 2.0, 3)
    seam = smooth_step(-wobble, -2.2 * canvas.zoom, 0)
    strength = rng.uniform(0.012, 0.035)
    bands = strength * grain + level[:, None] - rng.uniform(0.02, 0.25) * seam
    ridge = rng.uniform(0.2, 0.6) * grain + rng.uniform(0.5, 2.5) * seam
    tone += bands.T if upright else bands
    canvas.relief += ridge.T if upright else ridge


def _trowelled(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    # A trowel leaves separate traces, not a pattern.
    here = smooth_step(field(rng, *canvas.shape, 2.8, 8), -1, 1.5)
    sweep = here * arcs(rng, *canvas.shape)
    tone += rng.uniform(0.01, 0.035) * sweep
    canvas.relief += rng.uniform(0.1, 0.5) * sweep
    tone += 0.03 * field(rng, *canvas.shape, 2.6, 4)


def _broomed(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    grain = (rng.uniform(1.5, 4) * canvas.zoom, rng.uniform(60, 200) * canvas.zoom)
    brush = streaks(rng, *canvas.shape, rng.uniform(0, 180), grain)
    tone += 0.02 * brush
    canvas.relief += rng.uniform(0.3, 0.9) * brush


def _plastered(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    grain = rng.uniform(1.5, 5) * canvas.zoom
    rough = field(rng, *canvas.shape, 1.6, grain)
    canvas.relief += rng.uniform(0.4, 1.2) * rough * grain / 2
    tone += 0.02 * rough


def _weathered(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    """Blotches of dirt, lichen and washed-out skin, at several scales."""
    blotches = field(rng, *canvas.shape, 1.9, 2) + 0.6 * field(rng, *canvas.shape, 1.2)
    tone += rng.uniform(0.06, 0.2) * np.tanh(1.2 * blotches)
    pale = smooth_step(field(rng, *canvas.shape, 2.0, 2), 0.7, 1.6)
    tone += rng.uniform(-0.3, 0.3) * pale
    canvas.relief += 0.3 * field(rng, *canvas.shape, 1.0)


def _aggregate(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    """Stones in mortar, washed free to some degree, or the speckle of a road."""
    shade, dome = _stones()
    size = rng.uniform(0.35, 1.8) * canvas.zoom
    top, left = rng.integers(_STONES, size=2)
    parts = [
        np.asarray(_cut(tile, size, int(top), int(left), canvas.shape))
        for tile in (shade, dome)
    ]
    washed = rng.uniform(0.25, 1)
    bare = washed * smooth_step(parts[1], 0.15, 0.4)
    tone += bare * rng.uniform(0.08, 0.3) * parts[0] - 0.15 * washed * (1 - bare)
    canvas.relief += rng.uniform(0.5, 3) * washed * parts[1] * min(size, 1)


@lru_cache(maxsize=1)
def _stones() -> tuple[Field, Field]:
    """Return a tile of stones: the shade of each, and its height, 0 in the mortar.

    Cells around scattered points (Worley 1996, SIGGRAPH, "A cellular texture basis
    function"), of unequal size as in a graded mix.
    """
    rng = np.random.default_rng(7)
    points = rng.uniform(0, _STONES, (1100, 2))
    around = np.array([(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]) * _STONES
    copies = (points[None] + around[:, None]).reshape(-1, 2)
    pixels = np.indices((_STONES, _STONES)).reshape(2, -1).T
    near, number = (np.asarray(v) for v in cKDTree(copies).query(pixels, k=2))
    stone = number[:, 0] % len(points)
    shade = rng.normal(0, 1, len(points))[stone]
    weight = rng.uniform(0.3, 1, len(points))[stone]
    inside = (near[:, 1] - near[:, 0]) / near.sum(1) * weight
    shape = (_STONES, _STONES)
    return (
        shade.reshape(shape).astype(np.float32),
        inside.reshape(shape).astype(np.float32),
    )


def _cut(
    tile: Field, size: float, top: int, left: int, shape: tuple[int, int]
) -> Field:
    rows, columns = (int(np.ceil(n / size)) for n in shape)
    picture = Image.fromarray(wrapped(tile, top, left, rows, columns))
    scaled = picture.resize(shape[::-1], Image.Resampling.BILINEAR)
    return np.asarray(scaled, dtype=np.float32)


def _laid(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    """Bricks, blocks or flags in running or stack bond."""
    height, width = canvas.shape
    course = rng.uniform(35, 150) * canvas.zoom
    length = course * rng.uniform(1, 3.5)
    joint = rng.uniform(2, 7) * canvas.zoom
    wobble = 0.5 * field(rng, height, width, 2.2, 3)
    y = np.arange(height, dtype=np.float32)[:, None] + rng.uniform(0, course) + wobble
    row = np.floor(y / course)
    bond = rng.choice((0.5, 0.5, 0.25, 0.0))
    x = np.arange(width, dtype=np.float32)[None] + wobble + row * bond * length
    column = np.floor(x / length)
    edge = np.minimum(
        course / 2 - np.abs(y % course - course / 2),
        length / 2 - np.abs(x % length - length / 2),
    )
    mortar = 1 - smooth_step(edge, joint / 2 - 0.8, joint / 2 + 0.8)
    # A hash of row and column gives every brick its own shade.
    each = np.sin(row * 12.9898 + column * 78.233) * 43758.5453 % 1
    tone += rng.uniform(0.03, 0.25) * (each - 0.5)
    if rng.random() < 0.5:
        clay = np.array([0.62, 0.36, 0.28], dtype=np.float32) * rng.uniform(0.6, 1.4)
        canvas.colour[:] = clay * (
            1 + 0.1 * field(rng, height, width, 1.8, 2)[..., None]
        )
    mortar_colour = np.full(3, rng.uniform(0.25, 0.8), dtype=np.float32)
    box = whole(canvas)
    canvas.blend(mortar.astype(np.float32), mortar_colour, box)
    canvas.relief += rng.uniform(-3, 0.3) * mortar
    canvas.relief += 0.4 * field(rng, height, width, 1.4)
    canvas.mark("line", mortar.astype(np.float32), box)


def _painted(rng: np.random.Generator, canvas: Canvas, tone: Field) -> None:
    paint = rng.uniform(0.3, 0.95, 3).astype(np.float32)
    grey = paint.mean(keepdims=True)
    canvas.colour[:] = grey + rng.uniform(0, 0.5) * (paint - grey)
    canvas.relief += rng.uniform(0.1, 0.5) * field(rng, *canvas.shape, 1.2, 2)
    tone *= 0.5
    tone += 0.5


SURFACES: dict[str, Callable[[np.random.Generator, Canvas, Field], None]] = {
    "cast": _cast,
    "boards": _boards,
    "trowelled": _trowelled,
    "broomed": _broomed,
    "plastered": _plastered,
    "weathered": _weathered,
    "aggregate": _aggregate,
    "laid": _laid,
    "painted": _painted,
}
