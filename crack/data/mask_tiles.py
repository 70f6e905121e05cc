"""Which tiles of a photo show a crack, and which surely none, by its mask."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack.data.tiles import CRACK, NO_CRACK, Tile

MOST = 40
"""Tiles of each label from a photo: a crack across 12 megapixels is in about 35, and
thousands of tiles of one sound wall would teach little."""

_BORDER = 8  # a tile's side in borders; turning and enlarging a tile cut that much off
_LEAST = 0.35  # of a tile's side; a shorter piece may be a stain to a viewer
_MOST_SHARE = 0.5  # of the middle; in more, the tile is within the crack
_COVERED = 0.5  # of a pixel, by the crack
_MARGIN = 6  # px; people draw masks a little beside the crack


def label_tiles(
    mask: NDArray[np.bool_], scales: Sequence[float], side: int
) -> list[Tile]:
    """Return the tiles of a photo whose label is certain.

    They lie side by side at each size. What counts is how far the crack reaches and not
    which share of the tile it covers, because a hairline covers one percent of it.

    - A tile is cracked if the crack reaches over 35 % of its side or more, within its
      middle (without an eighth of the side along each edge) and in as many pixels. A
      pixel counts if the crack covers half of it, so a crack that is lost at a coarse
      size gives no tile there. If the crack fills more than half of the middle, it is
      too wide to be seen as one at this size.
    - It is sound if no pixel of it is touched by a crack, nor any within 6 px around.
    - Others are left out.

    Args:
        mask: Shape (height, width), where the cracks are.
        scales: Sizes of the photo, coarse to fine, as from `scales_for`.
        side: Of a tile in pixels.

    Returns:
        At most `MOST` of each label, spread over the sizes and over the photo.
    """
    found: dict[str, list[Tile]] = {CRACK: [], NO_CRACK: []}
    for scale in scales:
        covered = _at_size(mask, scale, side)
        height, width = covered.shape
        for top in _starts(height, side):
            for left in _starts(width, side):
                label = _label(covered, top, left, side)
                if label is not None:
                    found[label].append(Tile(width, left, top, label))
    return [tile for tiles in found.values() for tile in _spread(tiles)]


def _at_size(mask: NDArray[np.bool_], scale: float, side: int) -> NDArray[np.uint8]:
    """Return which share of each pixel, of 255, a crack covers at a size."""
    height, width = (max(side, round(length * scale)) for length in mask.shape)
    picture = Image.fromarray(mask.astype(np.uint8) * np.uint8(255))
    return np.asarray(picture.resize((width, height), Image.Resampling.BOX))


def _starts(length: int, side: int) -> list[int]:
    """Return where tiles begin that cover a length, overlapping evenly."""
    number = math.ceil(length / side)
    return [round(start) for start in np.linspace(0, length - side, number)]


def _label(covered: NDArray[np.uint8], top: int, left: int, side: int) -> str | None:
    """Return the label of a tile, None if it is not certain."""
    around = covered[
        max(0, top - _MARGIN) : top + side + _MARGIN,
        max(0, left - _MARGIN) : left + side + _MARGIN,
    ]
    if not around.any():
        return NO_CRACK
    border = side // _BORDER
    middle = covered[
        top + border : top + side - border, left + border : left + side - border
    ]
    rows, columns = np.nonzero(middle >= 255 * _COVERED)
    least = _LEAST * side
    if not least <= len(rows) <= _MOST_SHARE * middle.size:
        return None
    return CRACK if 1 + max(np.ptp(rows), np.ptp(columns)) >= least else None


def _spread(tiles: Sequence[Tile]) -> Iterator[Tile]:
    """Yield so many of them as may be, from all over the photo."""
    number = min(MOST, len(tiles))
    for place in np.linspace(0, len(tiles) - 1, number).round().astype(int):
        yield tiles[place]
