"""From the activation maps of all sizes to one heatmap and its strongest regions.

A tile is as large as the pictures the network learned from; its log-odds are the mean
of the activation map within it (Zhou et al. 2016, CVPR, eq. 2), as for such a picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from crack.inference.card import ModelCard
from crack.inference.prediction import Region
from crack.inference.tiling import Level

MOST_REGIONS = 5

_FINER_TELLS = 3  # times as well where a crack is; docs/benchmarks.md compares
_CANDIDATES = 500  # tiles considered for regions; far more than fit without overlap


def tile_log_odds(level: Level, tile: int) -> NDArray[np.float32]:
    """Return the log-odds of a crack in each tile, one starting at each cell.

    Args:
        level: One size of the photo.
        tile: Side of a tile in pixels of that size.

    Returns:
        float32 array (rows, columns), fewer by the tile's cells less one.
    """
    rows, columns = level.activation_map.shape
    side = max(1, tile // level.cell)
    window = (min(side, rows), min(side, columns))
    windows = sliding_window_view(level.activation_map, window)
    return np.asarray(windows.mean((2, 3)))


def photo_heatmap(levels: Sequence[Level], card: ModelCard) -> NDArray[np.float32]:
    """Return the log-odds of a crack at each position in the photo.

    It is a mean of the activation maps in which the finer ones count more, since they
    locate a crack better.

    Args:
        levels: All sizes, coarse to fine.
        card: Of the model, for its calibration, which was fitted on whole photos.

    Returns:
        float32 array (rows, columns) spread over the whole photo, one position per cell
        of the finest size.
    """
    finest = levels[-1]
    rows, columns = finest.activation_map.shape
    weights = np.array([_FINER_TELLS**number for number in range(len(levels))])
    total = np.zeros((rows, columns), np.float32)
    for weight, level in zip(weights / weights.sum(), levels, strict=True):
        # The last cells may extend beyond the edge of the photo.
        within = (0, 0, level.width / level.cell, level.height / level.cell)
        total += weight * np.asarray(
            Image.fromarray(level.activation_map).resize(
                (columns, rows), Image.Resampling.BILINEAR, box=within
            )
        )
    return ((total - card.offset) / card.temperature).astype(np.float32)


def find_regions(
    levels: Sequence[Level],
    tiles: Sequence[NDArray[np.float32]],
    card: ModelCard,
    height: int,
    width: int,
) -> tuple[Region, ...]:
    """Return the tiles most likely to show a crack, none over the middle of another.

    Args:
        levels: All sizes.
        tiles: Log-odds of the tiles of each.
        card: Of the model; tiles below its threshold for "no crack" are left out.
        height: Of the photo in pixels.
        width: Of the photo in pixels.
    """
    candidates = []
    for level, log_odds in zip(levels, tiles, strict=True):
        for flat in np.argsort(log_odds, axis=None)[: -_CANDIDATES - 1 : -1]:
            row, column = np.unravel_index(flat, log_odds.shape)
            box = _in_photo(level, int(row), int(column), card.image_size)
            candidates.append((float(log_odds[row, column]), box))
    regions: list[Region] = []
    for log_odds_here, (left, top, right, bottom) in sorted(candidates, reverse=True):
        probability = float(card.probability(log_odds_here))
        if probability < card.thresholds.no_crack or len(regions) == MOST_REGIONS:
            break
        region = Region(
            left=round(left * width),
            top=round(top * height),
            width=max(1, round(min(right, 1) * width) - round(left * width)),
            height=max(1, round(min(bottom, 1) * height) - round(top * height)),
            probability=probability,
        )
        if not any(_covers(kept, region) or _covers(region, kept) for kept in regions):
            regions.append(region)
    return tuple(regions)


def _in_photo(
    level: Level, row: int, column: int, tile: int
) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a tile, as shares of the photo."""
    left, top = column * level.cell, row * level.cell
    return (
        left / level.width,
        top / level.height,
        (left + tile) / level.width,
        (top + tile) / level.height,
    )


def _covers(region: Region, other: Region) -> bool:
    """Return whether the middle of the other lies within the region."""
    x, y = other.left + other.width / 2, other.top + other.height / 2
    return (
        region.left <= x <= region.left + region.width
        and region.top <= y <= region.top + region.height
    )
