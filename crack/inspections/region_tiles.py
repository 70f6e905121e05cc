"""The parts of a photo that a network can learn from, given verdicts on regions.

A part is a tile: as large as the pictures a network learns from, at one of the sizes at
which the model looks at the photo. So a crack in it is as wide as the network sees it,
whereas in a whole photo scaled down to one such picture it would be lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crack.data.tiles import Tile
from crack.inference.prediction import Label
from crack.inspections.records import Box

_MOST_ACROSS = 2  # sound tiles in each direction of a box, at each size
_MOST_ALONG = 8  # tiles along a crack, at each size
_LEAST_SHARE = 0.5  # of a tile's side; a crack in a smaller box is too small
_SLACK = 0.05  # of a tile's side; boxes are rounded to whole pixels of the photo


@dataclass(frozen=True)
class TilePlan:
    """The tiles to cut from a photo.

    Attributes:
        tiles: Each once.
        too_large: Number of crack boxes without a tile that is sure to show the crack:
            both their sides are longer than a tile at the coarsest size.
        too_small: Number of sound boxes without a tile that is sure to be sound: a side
            is shorter than a tile at the finest size.
        overlapping: Number of sound tiles left out because they touch a crack box.
    """

    tiles: tuple[Tile, ...]
    too_large: int
    too_small: int
    overlapping: int


@dataclass(frozen=True)
class _Size:
    """A photo at one of its sizes."""

    width: int
    height: int
    x_scale: float  # pixels of this size for one of the photo
    y_scale: float

    def sides(self, box: Box) -> tuple[float, float]:
        """Return width and height of a box at this size."""
        return box[2] * self.x_scale, box[3] * self.y_scale


def plan_tiles(
    photo: tuple[int, int],
    scales: Sequence[float],
    side: int,
    cracks: Sequence[Box],
    sound: Sequence[Box],
) -> TilePlan:
    """Choose tiles that are sure to show a crack, and tiles that are sure to show none.

    - A crack box is cut at the finest size at which a tile is as wide as the box is
      across, in as many tiles as it takes along it, since a crack runs from one end of
      its box to the other; and at the next coarser size too, unless it is lost there.
    - A sound box gives tiles within it, a few at each size. One smaller than every tile
      gives none: around it there may be a crack that nobody marked. Only if another
      sound box holds the tile around it, as that of a whole photo does, is this taken.
    - No sound tile touches a crack box.

    Args:
        photo: Width and height in pixels.
        scales: At which the model looks at it, coarse to fine.
        side: Of a tile in pixels.
        cracks: Boxes with a crack.
        sound: Boxes without.
    """
    sizes = [_size(photo, scale, side) for scale in scales]
    tiles: dict[Tile, None] = {}
    too_large = 0
    for box in cracks:
        along = list(_crack_tiles(box, sizes, side))
        too_large += not along
        tiles.update(dict.fromkeys(along))
    surely_sound: dict[Tile, None] = {}
    too_small = 0
    for box in sound:
        within = list(_sound_tiles(box, sizes, side, sound))
        too_small += not within
        surely_sound.update(dict.fromkeys(within))
    by_width = {size.width: size for size in sizes}
    clear = [
        tile
        for tile in surely_sound
        if not any(_touches(tile, by_width[tile.photo_width], side, b) for b in cracks)
    ]
    overlapping = len(surely_sound) - len(clear)
    return TilePlan((*tiles, *clear), too_large, too_small, overlapping)


def largest_crack_side(scales: Sequence[float], side: int) -> int:
    """Return the limit for the shorter side of a crack box, in pixels of the photo.

    Args:
        scales: At which the model looks at the photo, coarse to fine.
        side: Of a tile in pixels.
    """
    return math.floor(side * (1 + _SLACK) / scales[0])


def smallest_sound_side(scales: Sequence[float], side: int) -> int:
    """Return the least for the shorter side of a sound box, in pixels of the photo.

    Args:
        scales: At which the model looks at the photo, coarse to fine.
        side: Of a tile in pixels.
    """
    return math.ceil(side * (1 - _SLACK) / scales[-1])


def _size(photo: tuple[int, int], scale: float, side: int) -> _Size:
    """Return a photo at a scale, as `image_pyramid` makes it."""
    width, height = (max(side, round(length * scale)) for length in photo)
    return _Size(width, height, width / photo[0], height / photo[1])


def _crack_tiles(box: Box, sizes: Sequence[_Size], side: int) -> Iterator[Tile]:
    found = 0
    for size in reversed(sizes):
        sides = size.sides(box)
        lost = found and max(sides) < side * (_LEAST_SHARE - _SLACK)
        if found == 2 or lost:
            return
        if min(sides) <= side * (1 + _SLACK):
            found += 1
            numbers = [
                min(max(1, math.ceil(length / side - _SLACK)), _MOST_ALONG)
                for length in sides
            ]
            yield from _laid(box, size, side, numbers, Label.CRACK)


def _sound_tiles(
    box: Box, sizes: Sequence[_Size], side: int, sound: Sequence[Box]
) -> Iterator[Tile]:
    fits = [size for size in sizes if min(size.sides(box)) >= side * (1 - _SLACK)]
    if not fits:
        (around,) = _laid(box, sizes[-1], side, (1, 1), Label.NO_CRACK)
        if any(_holds(other, around, sizes[-1], side) for other in sound):
            yield around
    for size in fits:
        numbers = [
            min(max(1, math.floor(length / side + _SLACK)), _MOST_ACROSS)
            for length in size.sides(box)
        ]
        yield from _laid(box, size, side, numbers, Label.NO_CRACK)


def _laid(
    box: Box, size: _Size, side: int, numbers: Sequence[int], label: Label
) -> Iterator[Tile]:
    """Yield a number of tiles across and down, spread evenly over a box."""
    across, down = numbers
    width, height = size.sides(box)
    lefts = _starts(box[0] * size.x_scale, width, across, side, size.width)
    tops = _starts(box[1] * size.y_scale, height, down, side, size.height)
    for top in tops:
        for left in lefts:
            yield Tile(size.width, left, top, label)


def _starts(
    start: float, length: float, number: int, side: int, limit: int
) -> list[int]:
    """Return where tiles begin along one side, all of them within the photo."""
    middles = [start + length * (n + 0.5) / number for n in range(number)]
    return [min(max(round(middle - side / 2), 0), limit - side) for middle in middles]


def _holds(box: Box, tile: Tile, size: _Size, side: int) -> bool:
    left, top, width, height = box
    off = 0.5  # tiles begin at whole pixels
    return (
        left * size.x_scale <= tile.left + off
        and tile.left + side <= (left + width) * size.x_scale + off
        and top * size.y_scale <= tile.top + off
        and tile.top + side <= (top + height) * size.y_scale + off
    )


def _touches(tile: Tile, size: _Size, side: int, box: Box) -> bool:
    left, top, width, height = box
    return (
        tile.left < (left + width) * size.x_scale
        and tile.left + side > left * size.x_scale
        and tile.top < (top + height) * size.y_scale
        and tile.top + side > top * size.y_scale
    )
