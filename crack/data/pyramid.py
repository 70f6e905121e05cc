"""The sizes at which the network looks at a photo.

A network that learned from small pictures knows cracks a few pixels wide. In a photo
they may be wider or narrower, so the photo is looked at in up to three sizes: the
finest, half and a quarter of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from crack.data.image_limits import MAX_PIXELS
from crack.data.images import resize_image
from crack.errors import CrackError

MOST_LEVELS = 3
"""A fourth would add little detail and its own false alarms."""

_MOST_ENLARGED = 4  # times; beyond it the network would see only interpolated pixels
_ENLARGED = 2  # times, as long as the shorter side stays within
_ENLARGED_TO = 8  # tiles, which costs little
_ENLARGED_PIXELS = 20_000_000  # at most, as many as a large photo of a phone has


def scales_for(
    height: int, width: int, tile: int, fitting: float | None = None
) -> tuple[float, ...]:
    """Return the sizes in which to look at a photo, coarse to fine.

    The finest is the photo as it is. A small one, in which cracks are only a pixel or
    two wide, is enlarged to twice its size if that is no more than 8 tiles; one no
    larger than two tiles is enlarged to two tiles. Coarser sizes follow, each half the
    one before, as long as the shorter side is at least a tile.

    Args:
        height: Of the photo in pixels.
        width: Of the photo in pixels.
        tile: Side in pixels of the pictures the network learned from.
        fitting: The scale at which cracks are as wide as the network knows them, if
            known; it is then the only one.

    Returns:
        One to three factors, each twice the one before.

    Raises:
        CrackError: The photo is such a thin strip that stretching it to a tile would
            make it gigantic.
    """
    shorter, longer = min(height, width), max(height, width)
    pixels = max(tile, shorter) * longer  # a strip is stretched to a tile
    most = min(_MOST_ENLARGED, max(1.0, math.sqrt(_ENLARGED_PIXELS / pixels)))
    if pixels > MAX_PIXELS:
        raise CrackError(
            f"A photo of {width} x {height} px is too thin a strip to be judged.",
            f"Cut it into parts, or take photos of at least {tile} px on each side.",
        )
    if fitting is not None:
        return (min(max(fitting, tile / shorter), most),)
    if shorter <= 2 * tile:
        finest = min(2 * tile / shorter, most)
    else:
        finest = max(1.0, min(_ENLARGED, _ENLARGED_TO * tile / shorter, most))
    halvings = int(math.log2(max(finest * shorter / tile, 1)) + 1e-9)
    levels = min(halvings + 1, MOST_LEVELS)
    return tuple(finest / 2**level for level in reversed(range(levels)))


def image_pyramid(
    image: NDArray[np.uint8], scales: Sequence[float], tile: int
) -> Iterator[NDArray[np.uint8]]:
    """Yield a photo in each of its sizes, fine to coarse.

    Args:
        image: uint8 array (height, width, 3).
        scales: As from `scales_for`.
        tile: Minimum length of each side; a thin strip is stretched to it.

    Yields:
        uint8 arrays (height, width, 3).
    """
    height, width, _ = image.shape
    for scale in reversed(scales):
        # Each is made from the one before, which for a large photo is a fourth of the
        # work.
        image = resize_image(
            image, max(tile, round(height * scale)), max(tile, round(width * scale))
        )
        yield image
