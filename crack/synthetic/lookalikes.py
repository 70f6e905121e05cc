"""What can be mistaken for a crack: joints, cuts, wires, scratches, shadows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from crack.synthetic.canvas import Canvas, Pen, box_around, smooth_step, whole
from crack.synthetic.lines import (
    Curve,
    curved,
    distance_from,
    drawn_along,
    normal_of,
    straight,
)
from crack.synthetic.noise import field, line_noise


def joint(rng: np.random.Generator, canvas: Canvas) -> None:
    """A construction joint: straight, a groove or fin, the pours unlike each other."""
    curve = straight(rng, canvas)
    width = rng.uniform(1.2, 9) * canvas.zoom
    curve += (0.25 * rng.random() * line_noise(rng, len(curve), 0.8))[:, None]
    drawn = drawn_along(canvas, curve, width)
    if drawn is None:
        return
    box, groove = drawn
    canvas.scale(1 - rng.uniform(0.1, 0.75) * groove, box)
    canvas.relief[box] += rng.choice((-1, -1, 1)) * rng.uniform(0.5, 3) * groove
    aside = distance_from(canvas, curve)[..., None] > 0
    canvas.colour *= (1 + rng.normal(0, 0.06) * aside).astype(np.float32)
    canvas.mark("line", groove, box)


def saw_cut(rng: np.random.Generator, canvas: Canvas) -> None:
    """A contraction joint: dead straight, of one width, dark, often sealed."""
    curve = straight(rng, canvas, upright=0.9)
    drawn = drawn_along(canvas, curve, rng.uniform(2.5, 10) * canvas.zoom)
    if drawn is None:
        return
    box, cut = drawn
    if rng.random() < 0.3:
        canvas.blend(cut, np.full(3, rng.uniform(0.05, 0.5), dtype=np.float32), box)
    else:
        canvas.scale(1 - rng.uniform(0.5, 0.92) * cut, box)
        canvas.relief[box] -= 3 * cut
    canvas.mark("line", cut, box)


def tie_holes(rng: np.random.Generator, canvas: Canvas) -> None:
    """Round holes of the formwork ties in a grid, open or plugged."""
    height, width = canvas.shape
    radius = rng.uniform(6, 20) * canvas.zoom
    apart = rng.uniform(180, 420) * canvas.zoom
    plugged = rng.random() < 0.5
    first_y, first_x = rng.uniform(-apart / 2, apart / 2, 2)
    for y in np.arange(first_y, height, apart):
        for x in np.arange(first_x, width, apart):
            box = box_around(np.array([[x, y]]), radius + 4, canvas.shape)
            if box is None:
                continue
            dy = np.arange(box[0].start, box[0].stop)[:, None] - y
            dx = np.arange(box[1].start, box[1].stop)[None] - x
            distance = np.hypot(dy, dx).astype(np.float32)
            disc = smooth_step(radius - distance, -0.8, 0.8)
            rim = disc * smooth_step(distance, radius - 3, radius - 1)
            if plugged:
                canvas.scale(1 + rng.normal(0, 0.12) * disc, box)
                canvas.scale(1 - 0.3 * rim, box)
            else:
                canvas.scale(1 - rng.uniform(0.6, 0.85) * disc, box)
            canvas.relief[box] -= (1 if plugged else 4) * disc
            canvas.mark("pore", disc, box)


def wire(rng: np.random.Generator, canvas: Canvas) -> None:
    """A cable or wire before the wall, with its shadow beside it."""
    curve = curved(rng, canvas, 0.15)
    width = rng.uniform(1.5, 8) * canvas.zoom
    aside = rng.uniform(2, 14, 2) * canvas.zoom * rng.choice((-1, 1), 2)
    shadow = drawn_along(canvas, curve + aside.astype(np.float32), width)
    if shadow and rng.random() < 0.7:
        box, dark = shadow
        soft = gaussian_filter(dark, rng.uniform(0.8, 3))
        canvas.scale(1 - rng.uniform(0.2, 0.5) * soft, box)
    _rod(rng, canvas, curve, width, rng.uniform(0.03, 0.85, 3).astype(np.float32))


def pipe(rng: np.random.Generator, canvas: Canvas) -> None:
    """A pipe, conduit or bar along the wall."""
    colour = rng.uniform(0.1, 0.8) * rng.uniform(0.85, 1.15, 3)
    curve = straight(rng, canvas, upright=0.95)
    width = rng.uniform(14, 70) * canvas.zoom
    shadow = drawn_along(canvas, curve + np.float32(width * 0.5), width)
    if shadow:
        box, dark = shadow
        canvas.scale(1 - 0.45 * gaussian_filter(dark, 3), box)
    _rod(rng, canvas, curve, width, colour.astype(np.float32))


def _rod(
    rng: np.random.Generator,
    canvas: Canvas,
    curve: Curve,
    width: float,
    colour: NDArray[np.float32],
) -> None:
    """Paint something round: bright along one side, dark along the other."""
    if rng.random() < 0.6:  # mostly grey, black or white
        colour = np.full(3, colour.mean(), dtype=np.float32)
    drawn = drawn_along(canvas, curve, width)
    if drawn is None:
        return
    box, body = drawn
    normal = normal_of(curve)
    down, right = np.gradient(gaussian_filter(body, max(0.8, width / 4)))
    across = (right * normal[0] + down * normal[1]) * width
    shade = np.clip(1 + rng.uniform(0.2, 0.8) * across, 0.3, 1.8).astype(np.float32)
    canvas.blend(body, colour * shade[..., None], box)
    canvas.relief[box] *= 1 - body
    canvas.mark("line", body, box)


def scratches(rng: np.random.Generator, canvas: Canvas) -> None:
    """Shallow, straight, mostly pale strokes, several side by side."""
    height, width = canvas.shape
    angle = rng.uniform(0, np.pi)
    pale = rng.uniform(-0.2, 0.5)
    for _ in range(rng.integers(2, 14)):
        start = rng.uniform((0, 0), (width, height))
        length = rng.uniform(30, 260) * canvas.zoom
        turn = angle + rng.normal(0, 0.12)
        t = np.linspace(0, 1, max(4, int(length / 5)))[:, None]
        curve = start + t * length * np.array([np.cos(turn), np.sin(turn)])
        ends = np.sqrt(np.clip(4 * t[:, 0] * (1 - t[:, 0]), 0.02, 1))
        thin = rng.uniform(0.6, 2.4) * canvas.zoom**0.5 * ends
        drawn = drawn_along(canvas, curve.astype(np.float32), thin.astype(np.float32))
        if drawn is None:
            continue
        box, stroke = drawn
        worn = np.clip(
            0.7 + 0.5 * field(rng, stroke.shape[0], stroke.shape[1], 1.0, 2), 0, 1
        )
        canvas.scale(1 + pale * stroke * worn, box)
        canvas.mark("line", stroke, box)


def shadow(rng: np.random.Generator, canvas: Canvas) -> None:
    """The edge of a cast shadow: sharp nearby, soft from afar, never textured."""
    curve = straight(rng, canvas, upright=0.2)
    distance = distance_from(canvas, curve)
    if rng.random() < 0.4:  # leaves or railings
        distance = distance + rng.uniform(5, 40) * field(rng, *canvas.shape, 2.6, 3)
    soft = rng.uniform(0.7, 14)
    dark = smooth_step(distance.astype(np.float32), -soft, soft)
    if rng.random() < 0.4:  # a bar instead of an edge
        far = rng.uniform(4, 90) * canvas.zoom
        dark *= 1 - smooth_step(distance.astype(np.float32), far - soft, far + soft)
    canvas.scale(1 - rng.uniform(0.2, 0.65) * dark, whole(canvas))
    canvas.mark("shadow", dark, whole(canvas))


def twigs(rng: np.random.Generator, canvas: Canvas) -> None:
    """The soft shadow of a branch, or the branch itself: it forks as cracks do."""
    box = whole(canvas)
    pen = Pen(box)
    stem = curved(rng, canvas, 0.12)
    width = rng.uniform(2, 9) * canvas.zoom
    boughs = [(stem, width)]
    for _ in range(rng.integers(2, 9)):
        at = int(rng.integers(len(stem) // 6, len(stem) - 2))
        ahead = stem[at + 1] - stem[at]
        turn = np.arctan2(ahead[1], ahead[0]) + rng.choice((-1, 1)) * rng.uniform(
            0.3, 1
        )
        t = np.linspace(0, rng.uniform(40, 240) * canvas.zoom, 24)[:, None]
        bend = turn + rng.normal(0, 0.004) * t
        bough = stem[at] + t * np.concatenate([np.cos(bend), np.sin(bend)], axis=1)
        boughs.append((bough.astype(np.float32), width * rng.uniform(0.3, 0.6)))
    for curve, thick in boughs:
        taper = (np.linspace(1, 0.3, len(curve)) * thick / 2).astype(np.float32)
        pen.stroke(curve, taper, taper)
    body = pen.coverage()
    if rng.random() < 0.6:
        body = gaussian_filter(body, rng.uniform(1.5, 5))
        canvas.scale(1 - rng.uniform(0.25, 0.6) * body, box)
        canvas.mark("shadow", body, box)
        return
    lit = np.clip(1 + 3 * np.gradient(gaussian_filter(body, 1.5))[0], 0.4, 1.7)
    bark = np.array([0.34, 0.26, 0.18]) * rng.uniform(0.5, 1.6)
    below = gaussian_filter(np.roll(body, (4, 3), (0, 1)), 2)
    canvas.scale(1 - 0.4 * below, box)
    canvas.blend(body, (bark * lit[..., None]).astype(np.float32), box)
    canvas.mark("line", body, box)


def graffiti(rng: np.random.Generator, canvas: Canvas) -> None:
    """Sprayed or chalked strokes, as vandals and inspectors leave them."""
    colour = rng.uniform(0.02, 0.98, 3).astype(np.float32)
    if rng.random() < 0.4:
        colour[:] = rng.choice((0.05, 0.95))
    width = rng.uniform(2, 22) * canvas.zoom
    sprayed = rng.random() < 0.5
    height, across = canvas.shape
    for _ in range(rng.integers(1, 4)):
        corners = rng.uniform((0, 0), (across, height)) + rng.normal(
            0, 110 * canvas.zoom, (5, 2)
        )
        curve = _through(corners)
        drawn = drawn_along(canvas, curve, width)
        if drawn is None:
            continue
        box, stroke = drawn
        stroke = gaussian_filter(stroke, width / 6 if sprayed else 0.6)
        chalk = np.clip(
            0.75 + 0.5 * field(rng, stroke.shape[0], stroke.shape[1], 0.8, 1.5), 0, 1
        )
        canvas.blend(stroke * (1 if sprayed else chalk), colour, box)
        canvas.mark("line", stroke, box)


def _through(corners: NDArray[np.float64]) -> Curve:
    """Return a smooth curve through points (Catmull and Rom 1974)."""
    padded = np.concatenate([corners[:1], corners, corners[-1:]])
    t = np.linspace(0, 1, 14, endpoint=False)[:, None]
    pieces = [
        0.5
        * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - 3 * c + d - a) * t**3
        )
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.concatenate(pieces).astype(np.float32)


def edge(rng: np.random.Generator, canvas: Canvas) -> None:
    """The edge of the wall: an arris, then another face, ground, sky or darkness."""
    curve = straight(rng, canvas, upright=0.7)
    distance = distance_from(canvas, curve)
    distance = distance + rng.uniform(0.2, 2.5) * field(rng, *canvas.shape, 1.8, 2)
    if (distance > 0).mean() > 0.6:
        distance = -distance
    beyond = smooth_step(distance.astype(np.float32), -1, 1)
    other = rng.choice((0.03, 0.25, 0.5, 0.9)) * (1 + rng.normal(0, 0.06, 3))
    texture = 1 + rng.uniform(0.02, 0.25) * field(rng, *canvas.shape, 1.5, 2)
    canvas.blend(beyond, (other * texture[..., None]).astype(np.float32), whole(canvas))
    arris = smooth_step(-np.abs(distance).astype(np.float32), -3, 0)
    canvas.scale(1 + rng.uniform(-0.4, 0.5) * arris, whole(canvas))
    canvas.relief *= 1 - beyond
    canvas.mark("line", arris, whole(canvas))


IN_THE_WALL = {joint: 0.16, saw_cut: 0.1, tie_holes: 0.08, scratches: 0.14}
"""What a crack runs across, and how often each is found in a photo."""

BEFORE_THE_WALL = {
    wire: 0.1,
    pipe: 0.06,
    shadow: 0.16,
    twigs: 0.08,
    graffiti: 0.1,
    edge: 0.08,
}
"""What lies over a crack, and how often each is found in a photo."""
