"""From what the network says at each size to one map and one answer.

A tile is as large as the pictures the network learnt from; its log-odds are the mean of
the activation map within (Zhou et al. 2016, CVPR, eq. 2), just as for such a picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image
from scipy.special import logsumexp

from crack.inference.blocks import CELL, Level
from crack.inference.card import ModelCard
from crack.inference.prediction import Spot

MOST_SPOTS = 5

RULE = (
    "At each size the odds of a crack are the mean of the odds of all tiles; the "
    "log-odds of the photo are their mean over the sizes, coarser ones counting 1.5 "
    "times the next finer; calibrated on validation images."
)
"""The rule of `photo_log_odds`, for the card."""

_COARSER_COUNTS = 1.5  # times the next finer size; 1 and 2 were hardly worse on val
_FINER_TELLS = 3  # times as well where a crack is; docs/benchmarks.md compares
_CANDIDATES = 500  # tiles looked at for spots; far more than do not overlap


def tile_log_odds(level: Level, tile: int) -> NDArray[np.float32]:
    """Return the log-odds of a crack in each tile, one starting at each cell.

    Args:
        level: One size of the photo.
        tile: Side of a tile in pixels of that size.

    Returns:
        float32 array (rows, columns), fewer by the tile's cells less one.
    """
    rows, columns = level.activation_map.shape
    side = max(1, tile // CELL)
    window = (min(side, rows), min(side, columns))
    windows = sliding_window_view(level.activation_map, window)
    return np.asarray(windows.mean((2, 3)))


def photo_log_odds(tiles: Sequence[NDArray[np.float32]]) -> float:
    """Return the log-odds of a crack in the photo, before calibration.

    At each size the mean of the odds of the tiles: Bayes' rule for a crack that shows
    in one tile, each as likely, so that the more tiles there are to err, the less one
    of them counts. As a pooling it is known as log-sum-exp (Pinheiro and Collobert
    2015, CVPR, eq. 6, with r = 1). The sizes show the same crack, so they are opinions
    on one question: a weighted mean of their log-odds (a logarithmic pool, Genest and
    Zidek 1986, Statistical Science 1, 114-135). A coarser one counts more, as its tiles
    show more of a crack.

    Args:
        tiles: Log-odds of the tiles of each size, coarse to fine.
    """
    levels = [logsumexp(level) - np.log(level.size) for level in tiles]
    weights = [_COARSER_COUNTS**-number for number in range(len(levels))]
    return float(np.average(levels, weights=weights))


def crack_map(levels: Sequence[Level], card: ModelCard) -> NDArray[np.float32]:
    """Return the log-odds of a crack at each place of the photo.

    The mean of the activation maps, the finer ones counting more, which tell places
    better.

    Args:
        levels: All sizes, coarse to fine.
        card: Of the model, for its calibration, which was fitted on whole photos.

    Returns:
        float32 array (rows, columns) spread over the whole photo, one place per cell of
        the finest size.
    """
    finest = levels[-1]
    rows, columns = -(-finest.height // CELL), -(-finest.width // CELL)
    weights = np.array([_FINER_TELLS**number for number in range(len(levels))])
    total = np.zeros((rows, columns), np.float32)
    for weight, level in zip(weights / weights.sum(), levels, strict=True):
        # The last cells may reach over the edge of the photo.
        within = (0, 0, level.width / CELL, level.height / CELL)
        total += weight * np.asarray(
            Image.fromarray(level.activation_map).resize(
                (columns, rows), Image.Resampling.BILINEAR, box=within
            )
        )
    return ((total - card.offset) / card.temperature).astype(np.float32)


def find_spots(
    levels: Sequence[Level],
    tiles: Sequence[NDArray[np.float32]],
    card: ModelCard,
    height: int,
    width: int,
) -> tuple[Spot, ...]:
    """Return the tiles that speak most for a crack, none over the middle of another.

    Args:
        levels: All sizes.
        tiles: Log-odds of the tiles of each.
        card: Of the model; tiles below its threshold for "no crack" are left out.
        height: Of the photo in pixels.
        width: Of the photo in pixels.
    """
    candidates = []
    for level, log_odds in zip(levels, tiles, strict=True):
        for place in np.argsort(log_odds, axis=None)[: -_CANDIDATES - 1 : -1]:
            row, column = np.unravel_index(place, log_odds.shape)
            box = _in_photo(level, int(row), int(column), card.image_size)
            candidates.append((float(log_odds[row, column]), box))
    spots: list[Spot] = []
    for log_odds_here, (left, top, right, bottom) in sorted(candidates, reverse=True):
        probability = float(card.probability(log_odds_here))
        if probability < card.thresholds.no_crack or len(spots) == MOST_SPOTS:
            break
        spot = Spot(
            left=round(left * width),
            top=round(top * height),
            width=max(1, round(min(right, 1) * width) - round(left * width)),
            height=max(1, round(min(bottom, 1) * height) - round(top * height)),
            probability=probability,
        )
        if not any(_covers(kept, spot) or _covers(spot, kept) for kept in spots):
            spots.append(spot)
    return tuple(spots)


def _in_photo(
    level: Level, row: int, column: int, tile: int
) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a tile, as shares of the photo."""
    left, top = column * CELL, row * CELL
    return (
        left / level.width,
        top / level.height,
        (left + tile) / level.width,
        (top + tile) / level.height,
    )


def _covers(spot: Spot, other: Spot) -> bool:
    """Return whether the middle of the other lies within the spot."""
    x, y = other.left + other.width / 2, other.top + other.height / 2
    return (
        spot.left <= x <= spot.left + spot.width
        and spot.top <= y <= spot.top + spot.height
    )
