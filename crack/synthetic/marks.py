"""What a surface collects: bug holes, pits, stains, runs, efflorescence, rust, moss."""

from __future__ import annotations

import numpy as np

from crack.synthetic.canvas import Box, Canvas, box_around, smooth_step, whole
from crack.synthetic.noise import Field, field

_RUST = np.array([0.40, 0.25, 0.14], dtype=np.float32)
_LIME = np.array([0.88, 0.87, 0.84], dtype=np.float32)
_MOSS = np.array([0.20, 0.24, 0.13], dtype=np.float32)


def bug_holes(rng: np.random.Generator, canvas: Canvas) -> None:
    """Holes, round to ragged, that air bubbles left at the formwork."""
    height, width = canvas.shape
    count = int(rng.lognormal(3.2, 0.9) * height * width / 5e5)
    small = rng.uniform(0.8, 2) * canvas.zoom
    for x, y, size in zip(
        rng.uniform(0, width, count),
        rng.uniform(0, height, count),
        np.minimum(small * rng.pareto(2.2, count) + small, 14 * canvas.zoom),
        strict=True,
    ):
        centre = np.array([[x, y]], dtype=np.float32)
        box = box_around(centre, size * 1.8 + 1, canvas.shape)
        if box is None:
            continue
        hole = _ragged_disc(rng, box, x, y, size)
        _sink(canvas, hole, box, depth=min(size, 5), dark=rng.uniform(0.25, 0.75))
        canvas.mark("pore", hole, box)


def _ragged_disc(
    rng: np.random.Generator, box: Box, x: float, y: float, size: float
) -> Field:
    dy = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] - y
    dx = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None] - x
    turn = rng.uniform(0, np.pi)
    long = dx * np.cos(turn) + dy * np.sin(turn)
    short = (dy * np.cos(turn) - dx * np.sin(turn)) * rng.uniform(1, 1.8)
    around = np.arctan2(short, long)
    ragged = 1 + sum(
        rng.normal(0, 0.16 / k) * np.cos(k * around + rng.uniform(0, 6.3))
        for k in (2, 3, 5)
    )
    return smooth_step(size * ragged - np.hypot(long, short), -0.7, 0.7)


def _sink(canvas: Canvas, hole: Field, box: Box, depth: float, dark: float) -> None:
    canvas.scale(1 - dark * hole, box)
    canvas.relief[box] -= depth * hole


def pits(rng: np.random.Generator, canvas: Canvas) -> None:
    """Fine pits all over, where the skin of cement paste has worn off."""
    grain = rng.uniform(1, 2.5) * canvas.zoom
    level = rng.uniform(1.8, 3.0)
    deep = smooth_step(field(rng, *canvas.shape, 0.8, grain), level, level + 0.8)
    canvas.scale(1 - rng.uniform(0.2, 0.6) * deep, whole(canvas))
    canvas.relief -= 1.5 * deep
    canvas.mark("pore", deep, whole(canvas))


def stain(rng: np.random.Generator, canvas: Canvas) -> None:
    """Damp, dirt, rust, lime or moss in a patch with a ragged edge."""
    shape = field(rng, *canvas.shape, 2.8, 3) + 0.25 * field(rng, *canvas.shape, 1.4)
    level = rng.uniform(0.3, 1.5)
    # Most edges have dried or been washed soft.
    patch = smooth_step(shape, level, level + 0.25 + 1.6 * rng.random() ** 0.6)
    _colour_patch(rng, canvas, patch)


def runs(rng: np.random.Generator, canvas: Canvas) -> None:
    """Streaks that water drew down the wall."""
    grain = (rng.uniform(40, 160) * canvas.zoom, rng.uniform(3, 14) * canvas.zoom)
    lines = field(rng, *canvas.shape, 1.0, grain) + 0.3 * field(rng, *canvas.shape, 1.8)
    level = rng.uniform(0.8, 1.8)
    patch = smooth_step(lines, level, level + 1)
    patch *= smooth_step(field(rng, *canvas.shape, 3.0, 8), -0.6, 0.8)
    _colour_patch(rng, canvas, patch)


def _colour_patch(rng: np.random.Generator, canvas: Canvas, patch: Field) -> None:
    """Tint a patch like one of the things that stain concrete."""
    kind = rng.choice(
        ("damp", "dirt", "rust", "lime", "moss"), p=(0.35, 0.3, 0.1, 0.2, 0.05)
    )
    strength = rng.uniform(0.12, 0.6)
    if kind in ("damp", "dirt"):
        canvas.scale(1 - rng.uniform(0.06, 0.36) * patch, whole(canvas))
    else:
        colour = {"rust": _RUST, "lime": _LIME, "moss": _MOSS}[str(kind)]
        speckle = np.clip(1 + 0.35 * field(rng, *canvas.shape, 1.2), 0, 1.6)
        canvas.blend(
            np.clip(patch * strength * speckle, 0, 0.95), colour, whole(canvas)
        )
    canvas.mark("stain", patch * (strength > 0.2), whole(canvas))


def scaling(rng: np.random.Generator, canvas: Canvas) -> None:
    """Spots where the skin came off: lower, rougher, of another grey."""
    shape = field(rng, *canvas.shape, 2.2, 2)
    level = rng.uniform(1.4, 2.4)
    lost = smooth_step(shape, level, level + 0.12)
    rough = field(rng, *canvas.shape, 1.0)
    change = rng.uniform(-0.25, 0.2) + 0.08 * rough
    canvas.scale(1 + lost * change, whole(canvas))
    canvas.relief += lost * (0.8 * rough - rng.uniform(1, 3))
    canvas.mark("stain", lost, whole(canvas))


MARKS = {
    bug_holes: 0.55,
    pits: 0.4,
    stain: 0.4,
    runs: 0.2,
    scaling: 0.12,
}
"""How often each is found on a wall."""
