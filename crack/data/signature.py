"""The signature of an image: 32 x 32 grey cells without its large-scale light.

Without SciPy and pandas, so that a process that measures images starts quickly.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 32
"""Cells of a signature in each direction."""

_MIN_STD = 0.1  # grey levels between cells; below it there is no texture to compare


def signature(image: NDArray[np.uint8]) -> NDArray[np.float16]:
    """Return the signature that near-copies share, computed once per image.

    Args:
        image: Shape (height, width, 3), RGB.

    Returns:
        Shape (1024,): grey cells row by row, light gradients removed, mean 0 and
        standard deviation 1, all 0 for an image without texture.
    """
    grey = Image.fromarray(image).convert("L")
    grey = grey.reduce(max(1, min(grey.size) // 256))
    # Floating point keeps the texture of low-contrast concrete, a few grey levels.
    small = grey.convert("F").resize((SIDE, SIDE), Image.Resampling.BOX)
    cells = flatten(np.asarray(small), sigma=2.8)
    if cells.std() < _MIN_STD:
        return np.zeros(SIDE * SIDE, dtype=np.float16)
    # Clipped so that the background counts beside a dark crack.
    cells = standardise(np.clip(standardise(cells), -2, 2))
    return cells.ravel().astype(np.float16)


def flatten(cells: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Subtract a blur, which removes light, shadow and stains.

    Args:
        cells: Shape (..., 32, 32).
        sigma: Width of the blur in cells.
    """
    blur = _blur(sigma)
    flat: NDArray[np.float32] = cells - np.matmul(np.matmul(blur, cells), blur.T)
    return flat


@cache
def _blur(sigma: float) -> NDArray[np.float32]:
    """Return the matrix that blurs the columns of cells, the border repeated.

    For so few cells that is several times faster than a filter.
    """
    reach = int(4 * sigma + 0.5)
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 / sigma**2 * steps**2)
    weights /= weights.sum()
    blur = np.zeros((SIDE, SIDE))
    cells = np.arange(SIDE)
    for step, weight in zip(steps, weights, strict=True):
        blur[cells, np.clip(cells + step, 0, SIDE - 1)] += weight
    return blur.astype(np.float32)


def standardise(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring each image to mean 0 and standard deviation 1; all 0 stays all 0.

    Args:
        cells: Shape (..., height, width).
    """
    centred = cells - cells.mean(axis=(-2, -1), keepdims=True)
    scaled: NDArray[np.float32] = centred / np.maximum(
        centred.std(axis=(-2, -1), keepdims=True), 1e-6
    )
    return scaled
