"""Whether a photo is good enough to be judged: sharp, well lit and large enough.

Everything is read from the green channel: it makes up most of the brightness, and half
of the pixels of a camera's sensor measure it.

All limits were measured by `python -m benchmarks.photo_quality`; docs/benchmarks.md has
the table. Noise that a camera adds to a blurred photo looks like the grain of a sharp
wall, so a blurred photo of a plain wall can pass for a sharp one.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from crack.inference.prediction import Reason

# Sharpness is judged on at most this many pixels along the longer side. A phone photo,
# soft at its 4,000 px, is fine if it is sharp at these, since the network looks at it
# in a quarter of its size too. Small photos are judged as they are.
_JUDGED = 1000

# Pixels between the two points that are compared. A sharp edge is as high from 2 px as
# from 8 px; what is blurred by 3 px and more looks like a slope at both.
_NEAR, _FAR = 2, 8
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))  # down, right

# The sharpness of a step edge that a Gaussian of 2 px blurred (0.16 at 1.5, 0.09 at 3):
# a line 2 px wide keeps 38 % of its contrast then. Of 3,236 real photos two are below,
# both out of focus, and 0.7 % of METU's cracks are below 0.125; no photo blurred by
# 4 px was above 0.096.
BLURRED = 0.12
"""A photo of less sharpness is blurred."""

# Rounding to whole grey levels makes steps of one level in the smoothest slope. The
# plainest sharp photo has 3.5**4 here.
_ROUNDING = 1.0

# Dark if 95 % of the pixels are below level 64, which is 5 % of the light of white
# (sRGB, IEC 61966-2-1); a camera with automatic exposure shows even black asphalt
# brighter. The darkest of 836 real photos has 5 % of its pixels above 88; four stops
# less light make 92 to 100 % of each source dark.
_DARK_LEVEL, _DARK_SHARE = 64, 0.95

# Overexposed if a quarter of the pixels is burnt out, and half of them nearly. The half
# distinguishes an overexposed wall from a well-lit one in front of a white sky. The
# whitest real wall has its median at 232 and 14 % of its pixels burnt.
_BURNT_LEVEL, _BURNT_SHARE = 250, 0.25
_BRIGHT_LEVEL, _BRIGHT_SHARE = 200, 0.5

# Below this share of the model's input side most of its pixels would be invented: a
# side enlarged from 0.6 to 1 makes 2.8 pixels out of each.
SMALL = 0.6
"""A photo with a side below this share of the input of the model is too small."""

_LIGHT_SAMPLES = 400  # along a side at most, which tells a share to 0.1 %


def quality_reasons(image: NDArray[np.uint8], image_size: int) -> tuple[Reason, ...]:
    """Return the faults of a photo that make it a case for a person.

    A photo that is too dark or overexposed is not called blurred as well, since detail
    lost to the light says nothing about the lens.

    Args:
        image: Upright photo, RGB, shape (h, w, 3), values 0 to 255.
        image_size: Side of the model's input in px.

    Returns:
        Those of `BLURRED`, `DARK`, `OVEREXPOSED` and `SMALL` that hold, in this order;
        none for a good photo.
    """
    dark, overexposed = _is_dark(image), _is_overexposed(image)
    blurred = not dark and not overexposed and sharpness(image) < BLURRED
    small = min(image.shape[:2]) < SMALL * image_size
    found = (
        (Reason.BLURRED, blurred),
        (Reason.DARK, dark),
        (Reason.OVEREXPOSED, overexposed),
        (Reason.SMALL, small),
    )
    return tuple(reason for reason, holds in found if holds)


def sharpness(image: NDArray[np.uint8]) -> float:
    """Return how sharp a photo is at its sharpest edges, whatever their contrast.

    Differences between points 2 px apart over those 8 px apart, each to the fourth
    power, averaged; the square root of the ratio. These are structure functions of
    order 4 (Kolmogorov 1941), compared as Zhuo and Sim (2011, Pattern Recognition
    44:1852, "Defocus map estimation from a single image") compare gradients at two
    scales. The fourth power lets the strongest edges decide, over noise and grain. The
    least sharp direction counts, so that motion blur is seen.

    Args:
        image: RGB, shape (h, w, 3), values 0 to 255.

    Returns:
        1/16 for slopes alone, about 0.5 for a perfect step edge, 1 for grain; 0 where
        there is no detail but rounding, as in a photo of one colour; infinity if no
        side is long enough to measure it.
    """
    light = _reduced(image)
    height, width = light.shape
    ratios = (
        _fourth_moment(light, down * _NEAR, right * _NEAR)
        / max(_fourth_moment(light, down * _FAR, right * _FAR), 1e-6)
        for down, right in _DIRECTIONS
        if height > down * _FAR and width > abs(right) * _FAR
    )
    return math.sqrt(min(ratios, default=math.inf))


def _reduced(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the green channel with at most `_JUDGED` px along the longer side.

    Four pixels spread over each cell stand for all of them: enough against noise, and
    quick on 100 megapixels. They can only make a picture look sharper than the mean of
    the cell by what is finer than a cell.
    """
    height, width = image.shape[:2]
    cell = min(math.ceil(max(height, width) / _JUDGED), height, width)
    green = image[: height - height % cell, : width - width % cell, 1]
    if cell == 1:
        return green.astype(np.float32)
    rows, columns = green.shape[0] // cell, green.shape[1] // cell
    total = np.zeros((rows, columns), np.uint16)
    for down in (0, cell // 2):
        for right in (0, cell // 2):
            total += green[down::cell, right::cell]
    return total.astype(np.float32) / np.float32(4)


def _fourth_moment(light: NDArray[np.float32], down: int, right: int) -> float:
    """Return the mean fourth power of differences across a step, less rounding."""
    if right < 0:
        light, right = light[:, ::-1], -right
    height, width = light.shape
    difference = light[down:, right:] - light[: height - down, : width - right]
    difference *= difference
    square = difference.ravel("K")
    return max(float(np.dot(square, square)) / square.size - _ROUNDING, 0.0)


def _is_dark(image: NDArray[np.uint8]) -> bool:
    return _share(_sampled(image) < _DARK_LEVEL) >= _DARK_SHARE


def _is_overexposed(image: NDArray[np.uint8]) -> bool:
    light = _sampled(image)
    return (
        _share(light >= _BURNT_LEVEL) >= _BURNT_SHARE
        and _share(light >= _BRIGHT_LEVEL) >= _BRIGHT_SHARE
    )


def _sampled(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return single pixels of the green channel; a mean would hide clipped ones."""
    step = math.ceil(max(image.shape[:2]) / _LIGHT_SAMPLES)
    return image[::step, ::step, 1]


def _share(where: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(where)) / where.size
