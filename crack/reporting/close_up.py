"""A close-up of a region of a photo, as taken and with the heatmap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack.inference.overlay import overlay
from crack.inference.prediction import Region
from crack.inspections.records import Box

_AROUND = 0.5  # of the region, on each side
_SMALLEST = 240  # px; below it nothing around the region can be recognised


@dataclass(frozen=True)
class CloseUp:
    """Part of a photo at full resolution.

    Attributes:
        left: Of the part, in pixels of the upright photo.
        top: From the upper edge.
        region: The region itself, in pixels of the part.
        picture: uint8 array (height, width, 3).
        heatmap: float32 array (height, width), log-odds at each pixel.
        strongest: The highest log-odds in the whole photo, at least 0.
    """

    left: int
    top: int
    region: Box
    picture: NDArray[np.uint8]
    heatmap: NDArray[np.float32]
    strongest: float

    def with_heatmap(self, probability: float, opacity: float) -> NDArray[np.uint8]:
        """Return the part under the heatmap, coloured as in the whole photo.

        Args:
            probability: Of a crack in the photo, 0 to 1.
            opacity: As for `crack.inference.overlay.overlay`.

        Returns:
            uint8 array (height, width, 3).
        """
        # `overlay` colours the strongest position of its picture fully. Here the
        # strongest of the whole photo sets the scale, which may be outside this part.
        here = max(float(self.heatmap.max()), 0.0)
        share = min(here / self.strongest, 1.0) if self.strongest else 0.0
        return overlay(self.picture, self.heatmap, probability * share, opacity)


def close_up(
    photo: NDArray[np.uint8], heatmap: NDArray[np.float32], region: Region
) -> CloseUp:
    """Return a region of a photo with its surroundings.

    Args:
        photo: uint8 array (height, width, 3), upright and at full resolution.
        heatmap: float32 array (rows, columns) spread over the photo, log-odds.
        region: The region.
    """
    height, width, _ = photo.shape
    box = (region.left, region.top, region.width, region.height)
    left, top, wide, high = surroundings(box, width, height)
    right, bottom = left + wide, top + high
    rows, columns = heatmap.shape
    in_heatmap = (
        left * columns / width,
        top * rows / height,
        right * columns / width,
        bottom * rows / height,
    )
    part = Image.fromarray(heatmap).resize(
        (right - left, bottom - top), Image.Resampling.BILINEAR, box=in_heatmap
    )
    return CloseUp(
        left=left,
        top=top,
        region=(region.left - left, region.top - top, region.width, region.height),
        picture=photo[top:bottom, left:right].copy(),  # so that the photo can be freed
        heatmap=np.asarray(part),
        strongest=max(float(heatmap.max()), 0.0),
    )


def surroundings(box: Box, width: int, height: int) -> Box:
    """Return the part of a photo that shows a box with what is around it.

    Args:
        box: Within the photo.
        width: Of the photo in pixels.
        height: Of the photo in pixels.
    """
    left, wide = _stretch(box[0], box[2], width)
    top, high = _stretch(box[1], box[3], height)
    return left, top, wide, high


def _stretch(start: int, size: int, limit: int) -> tuple[int, int]:
    """Return where the part begins along one side of the photo, and its length."""
    wanted = min(max(round(size * (1 + 2 * _AROUND)), _SMALLEST), limit)
    begin = min(max(start + (size - wanted) // 2, 0), limit - wanted)
    return begin, wanted
