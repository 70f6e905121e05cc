"""A tile: a part of a photo, as large as the pictures a network learns from.

A crack in it is as wide as the network sees it, whereas in a whole photo scaled down to
one such picture it would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crack.data.pyramid import image_pyramid

TILE_SIDE = 160
"""In pixels, the size of the pictures of both presets of training (ADR 0010)."""

CRACK, NO_CRACK = "crack", "no crack"
"""The labels of tiles, and the class folders they lie in."""


@dataclass(frozen=True)
class Tile:
    """A part of a photo, at one of its sizes.

    Attributes:
        photo_width: Of the photo at that size, in pixels.
        left: In pixels of that size, as is the next.
        top: From the upper edge.
        label: `crack` or `no crack`.
    """

    photo_width: int
    left: int
    top: int
    label: str

    def file_name(self, photo: str) -> str:
        """Return where it is kept, within the folder of the class folders.

        Args:
            photo: Begins the name; unique to the photo.
        """
        place = f"{self.photo_width}px_{self.left}_{self.top}"
        return f"{self.label}/{photo}_{place}.png"


def cut_tiles(
    image: NDArray[np.uint8],
    scales: Sequence[float],
    side: int,
    tiles: Sequence[Tile],
) -> Iterator[tuple[Tile, NDArray[np.uint8]]]:
    """Yield tiles with their pixels, exactly as the model sees them.

    Args:
        image: uint8 array (height, width, 3), the photo.
        scales: At which the model looks at it, coarse to fine.
        side: Of a tile in pixels.
        tiles: At these sizes.

    Yields:
        Tile and uint8 array (side, side, 3), in the order of the sizes, fine to coarse.
    """
    for picture in image_pyramid(image, scales, side):
        for tile in tiles:
            if tile.photo_width == picture.shape[1]:
                rows = slice(tile.top, tile.top + side)
                columns = slice(tile.left, tile.left + side)
                yield tile, picture[rows, columns]
