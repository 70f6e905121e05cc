"""Random fields with the spectrum of natural surfaces.

Weathered, cast and broken surfaces look alike at every scale: their spectrum falls with
a power of the frequency (Mandelbrot 1982, "The fractal geometry of nature"). The fields
are made by spectral synthesis (Saupe 1988, in Peitgen and Saupe, "The science of
fractal images", chapter 2) once per process, then cut at random places.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft
from scipy.ndimage import map_coordinates

Field = NDArray[np.float32]

_TILE = 1024  # px; the tiles join at their edges
_TILE_SEED = 20_211


@lru_cache(maxsize=16)
def _tile(exponent: float) -> Field:
    rng = np.random.default_rng([_TILE_SEED, round(100 * exponent)])
    spectrum = fft.rfft2(rng.standard_normal((_TILE, _TILE), dtype=np.float32))
    frequency = np.hypot(fft.fftfreq(_TILE)[:, None], fft.rfftfreq(_TILE)[None])
    frequency[0, 0] = np.inf  # no constant part
    spectrum *= (frequency ** (-exponent / 2)).astype(np.float32)
    tile = fft.irfft2(spectrum, s=(_TILE, _TILE))
    return np.asarray((tile - tile.mean()) / tile.std(), dtype=np.float32)


def field(
    rng: np.random.Generator,
    height: int,
    width: int,
    exponent: float,
    grain: float | tuple[float, float] = 1.0,
) -> Field:
    """Return a random field with mean about 0 and standard deviation about 1.

    Args:
        rng: Decides which part of which orientation is cut out.
        height: In px.
        width: In px.
        exponent: Of the power spectrum: 0 is white noise, 2 clouds, 3 hills.
        grain: Size of the finest detail in px, at least 1; two values for rows and
            columns make streaks.

    Returns:
        Shape (height, width).
    """
    across, along = grain if isinstance(grain, tuple) else (grain, grain)
    rows, columns = (
        max(2, int(np.ceil(n / g))) for n, g in ((height, across), (width, along))
    )
    tile = _tile(exponent)
    if rng.random() < 0.5:
        tile = tile.T
    tile = tile[:: int(rng.choice((1, -1))), :: int(rng.choice((1, -1)))]
    top, left = rng.integers(_TILE, size=2)
    cut = wrapped(tile, int(top), int(left), rows, columns)
    if (rows, columns) == (height, width):
        return cut
    return resize_field(cut, height, width)


def wrapped(tile: Field, top: int, left: int, rows: int, columns: int) -> Field:
    """Cut a part of any size out of a tile that repeats."""
    height, width = tile.shape
    parts = np.arange(top, top + rows) % height, np.arange(left, left + columns) % width
    return np.asarray(tile[np.ix_(*parts)])


def resize_field(values: Field, height: int, width: int) -> Field:
    """Return a field at another size, interpolated."""
    picture = Image.fromarray(np.ascontiguousarray(values))
    scaled = picture.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(scaled, dtype=np.float32)


def streaks(
    rng: np.random.Generator,
    height: int,
    width: int,
    angle: float,
    grain: tuple[float, float],
) -> Field:
    """Return a field stretched along a direction, as a brush or trowel leaves it.

    Args:
        rng: Decides the pattern.
        height: In px.
        width: In px.
        angle: Of the streaks against the horizontal, in degrees.
        grain: Finest detail across and along the streaks, in px.
    """
    side = int(np.hypot(height, width)) + 2
    straight = field(rng, side, side, 1.0, grain)
    turned = Image.fromarray(straight).rotate(angle, Image.Resampling.BILINEAR)
    top, left = (side - height) // 2, (side - width) // 2
    return np.asarray(turned, dtype=np.float32)[top : top + height, left : left + width]


def arcs(rng: np.random.Generator, height: int, width: int) -> Field:
    """Return streaks that sweep round, as a trowel does: polar noise about a point."""
    y = np.arange(height, dtype=np.float32)[:, None] + rng.uniform(0.1, 1.2) * height
    x = np.arange(width, dtype=np.float32)[None] - rng.uniform(-0.2, 1.2) * width
    radius, turn = np.hypot(y, x), np.arctan2(x, y) * rng.uniform(6, 14)
    source = _tile(1.0)
    place = np.stack([radius / rng.uniform(1, 2.5) % _TILE, turn % _TILE])
    return np.asarray(
        map_coordinates(source, place, order=1, mode="grid-wrap"), dtype=np.float32
    )


def line_noise(rng: np.random.Generator, count: int, roughness: float) -> Field:
    """Return a random line that is self-affine, with standard deviation 1.

    Args:
        rng: Decides its course.
        count: Number of points.
        roughness: The Hurst exponent: 0.5 is a random walk, towards 1 it gets smooth.
            Cracks have about 0.8 (Bouchaud 1997, J. Phys. Condens. Matter 9:4319,
            "Scaling properties of cracks").
    """
    length = fft.next_fast_len(2 * count)  # the half of a periodic line is not periodic
    frequency = fft.rfftfreq(length)
    frequency[0] = np.inf
    spectrum = rng.standard_normal(len(frequency)) + 1j * rng.standard_normal(
        len(frequency)
    )
    line = fft.irfft(spectrum * frequency ** -(roughness + 0.5), n=length)[:count]
    return np.asarray((line - line.mean()) / (line.std() + 1e-9), dtype=np.float32)
