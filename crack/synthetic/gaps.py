"""Broken places from nearby: cracks that gape, and spalls, which are not cracks.

In both the skin of the wall is gone and the inside of the concrete shows. A crack that
has opened wide has two edges apart from each other and darkness between them. A spall
has a ground that lies in the light, often with the bar whose rust has burst it off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from crack.synthetic.canvas import Canvas, smooth_step, whole
from crack.synthetic.noise import Field, field, line_noise

_EARTH = np.array([0.36, 0.29, 0.21], dtype=np.float32)
_RUST = np.array([0.36, 0.20, 0.10], dtype=np.float32)


@dataclass(frozen=True)
class _Trench:
    """A long broken place through the picture.

    Attributes:
        width: From edge to edge in px, on average.
        along: Place along it of each pixel, in px.
        aside: Distance from the straight line that it follows, in px.
        one: Distance from one edge in px, shape of the canvas; above 0 towards the
            middle.
        two: Distance from the other edge.
    """

    width: float
    along: Field
    aside: Field
    one: Field
    two: Field

    @property
    def inside(self) -> Field:
        """Distance from the nearer edge in px, negative on the wall."""
        return np.minimum(self.one, self.two)

    @property
    def share(self) -> Field:
        """How far from one edge to the other, 0 to 1."""
        between = np.maximum(self.one + self.two, 1)
        return np.asarray(np.clip(self.one / between, 0, 1), dtype=np.float32)


def draw_gap(rng: np.random.Generator, canvas: Canvas) -> None:
    """Draw a crack that gapes, a twentieth of the picture wide or up to half of it."""
    share = np.exp(rng.uniform(*np.log([0.05, 0.55])))
    trench = _break_open(rng, canvas, float(share) * max(canvas.shape))
    shape = canvas.shape
    # The darkness lies along one edge as often as not, where that edge hangs over.
    at = rng.choice((0.0, 0.5, 1.0), p=(0.35, 0.3, 0.35)) + rng.normal(0, 0.12)
    reach = rng.uniform(0.1, 0.75)
    away = np.abs(trench.share - at)
    away += rng.uniform(0.05, 0.25) * field(rng, *shape, 2.2, 2)
    slit = 1 - smooth_step(away, reach * rng.uniform(0.2, 0.7), reach)
    depth = 1 - rng.uniform(0.55, 0.97) * slit
    light = depth * rng.uniform(0.3, 0.95)
    ground = _ground(rng, canvas, _EARTH) * light[..., None]
    gap = _fill(rng, canvas, trench, ground)
    canvas.mark("crack", gap, whole(canvas))


def draw_spall(rng: np.random.Generator, canvas: Canvas) -> None:
    """Draw a trench where concrete has burst off, mostly along a rusty bar."""
    trench = _break_open(rng, canvas, rng.uniform(0.15, 0.7) * max(canvas.shape))
    colour = _RUST if rng.random() < 0.5 else _EARTH
    ground = _ground(rng, canvas, colour) * np.float32(rng.uniform(0.8, 1.4))
    if rng.random() < 0.7:
        _lay_bar(rng, trench, ground)
    lost = _fill(rng, canvas, trench, ground)
    canvas.mark("stain", lost, whole(canvas))


def _break_open(rng: np.random.Generator, canvas: Canvas, width: float) -> _Trench:
    """Decide the course of a trench, and let the wall beside its edges crumble."""
    height, across = canvas.shape
    turn = rng.uniform(0, np.pi)
    middle = np.array(canvas.shape) * rng.uniform(0.15, 0.85, 2)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32(middle[0])
    x = np.arange(across, dtype=np.float32)[None] - np.float32(middle[1])
    along = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    aside = y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))
    bend = rng.uniform(0.02, 0.12) * max(canvas.shape) * _line(rng, along, 1.3)
    chips = width * rng.uniform(0, 0.07) * field(rng, *canvas.shape, 2.0, 2)
    one, two = (
        side * (aside + bend) + width / 2 + chips * rng.uniform(0.3, 1) + ragged
        for side, ragged in (
            (side, rng.uniform(0.04, 0.22) * width * _line(rng, along, 0.8))
            for side in (1, -1)
        )
    )
    one, two = one.astype(np.float32), two.astype(np.float32)
    trench = _Trench(width, along, aside, one, two)
    for outside in (-trench.one, -trench.two):
        _crumble(rng, canvas, trench, outside)
    return trench


def _line(rng: np.random.Generator, along: Field, roughness: float) -> Field:
    """Return a line of noise that runs along a trench, at each pixel."""
    steps = np.arange(np.floor(along.min()), np.ceil(along.max()) + 1)
    noise = line_noise(rng, len(steps), roughness)
    return np.asarray(np.interp(along, steps, noise), dtype=np.float32)


def _crumble(
    rng: np.random.Generator, canvas: Canvas, trench: _Trench, outside: Field
) -> None:
    """Let the skin beside an edge break off, and the edge catch light or dirt.

    Args:
        rng: Decides how.
        canvas: Is drawn on.
        trench: To which the edge belongs.
        outside: Distance from the edge in px, into the wall.
    """
    shape = canvas.shape
    if rng.random() < 0.55:
        reach = rng.uniform(0.05, 0.5) * (0.6 + 0.6 * _line(rng, trench.along, 0.8))
        reach = np.float32(trench.width) * (reach + 0.06 * field(rng, *shape, 2.0, 2))
        broken = smooth_step(reach - outside, -1, 1) * smooth_step(outside, -2, 1)
        rough = field(rng, *shape, float(rng.choice((1.0, 1.6))), rng.uniform(1, 3))
        fresh = rng.uniform(-0.25, 0.45) + rng.uniform(0.04, 0.16) * rough
        canvas.scale(1 + broken * fresh, whole(canvas))
        if rng.random() < 0.4:
            earth = (_EARTH * rng.uniform(0.8, 1.8)).astype(np.float32)
            canvas.blend(0.4 * broken, earth, whole(canvas))
        canvas.relief -= broken * (rng.uniform(1, 4) + rng.uniform(0.3, 1.2) * rough)
    if rng.random() < 0.6:
        wide = rng.uniform(1, 0.12 * trench.width + 2)
        rim = smooth_step(-np.abs(outside), -wide, 0)
        worn = np.clip(0.5 + 0.6 * _line(rng, trench.along, 0.5), 0, 1)
        canvas.scale(1 + rng.uniform(-0.5, 0.7) * rim * worn, whole(canvas))


def _ground(rng: np.random.Generator, canvas: Canvas, tint: Field) -> Field:
    """Return the colour of broken concrete everywhere: paste, stones and earth."""
    shape = canvas.shape
    tinted = rng.uniform(0, 0.8)
    colour = (1 - tinted) * canvas.colour.mean((0, 1)) + tinted * tint
    rubble = 1 + rng.uniform(0.05, 0.3) * field(rng, *shape, 1.7, rng.uniform(1, 3))
    stones = smooth_step(field(rng, *shape, 2.2, rng.uniform(2, 5)), 0.9, 1.2)
    rubble += rng.uniform(-0.2, 0.5) * stones
    rubble = gaussian_filter(rubble, rng.uniform(0, 1.5))
    return np.asarray(colour * rubble[..., None], dtype=np.float32)


def _lay_bar(rng: np.random.Generator, trench: _Trench, ground: Field) -> None:
    """Paint a bar along a trench: straight, round and rusty."""
    thick = rng.uniform(0.12, 0.45) * trench.width
    off = trench.aside + rng.normal(0, 0.15) * trench.width
    off += rng.normal(0, 0.04) * trench.along
    off += 0.05 * thick * _line(rng, trench.along, 0.6)
    bar = smooth_step(thick / 2 - np.abs(off), -1, 1)[..., None]
    across = np.clip(2 * off / thick, -1, 1) + rng.uniform(-0.5, 0.5)
    height, width = off.shape
    flakes = rng.uniform(0.05, 0.3) * field(rng, height, width, 1.4, 2)
    light = (1 - rng.uniform(0.2, 0.5) * across**2 + flakes).clip(0.1, 2)
    grey = rng.uniform(0, 0.7)
    metal = (1 - grey) * _RUST + grey * _RUST.mean()
    rust = metal * rng.uniform(0.3, 1.2) * light[..., None]
    ground += bar * (rust - ground)


def _fill(
    rng: np.random.Generator, canvas: Canvas, trench: _Trench, ground: Field
) -> Field:
    """Show the ground of a trench, in the shade of its edges; return its coverage."""
    soft = rng.uniform(0.7, 1.8)
    open_part = smooth_step(trench.inside, -soft, soft)
    near = np.exp(-np.maximum(trench.inside, 0) / rng.uniform(2, 10))
    shaded = ground * (1 - rng.uniform(0.1, 0.6) * near)[..., None]
    part = canvas.colour
    part += open_part[..., None] * (shaded.clip(0.01, 1).astype(np.float32) - part)
    canvas.relief *= 1 - open_part
    canvas.relief += open_part * rng.uniform(0.3, 1.5) * field(rng, *canvas.shape, 2, 2)
    return open_part
