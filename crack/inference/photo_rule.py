"""From the log-odds of the tiles of a photo to those of the photo itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

RULE = (
    "At each size the odds of a crack are the mean of the odds of all tiles; the "
    "log-odds of the photo are their mean over the sizes, coarser ones counting 1.5 "
    "times the next finer; calibrated on validation images."
)
"""The rule of `photo_log_odds`, for the card."""

_COARSER_COUNTS = 1.5  # times the next finer size; 1 and 2 were hardly worse on val


def photo_log_odds(tiles: Sequence[NDArray[np.float32]]) -> float:
    """Return the log-odds of a crack in the photo, before calibration.

    At each size the mean of the odds of the tiles: Bayes' rule for a crack that shows
    in one tile, each equally likely. So the more tiles there are that can be wrong, the
    less each of them counts. As a pooling it is known as log-sum-exp (Pinheiro and
    Collobert 2015, CVPR, eq. 6, with r = 1). The sizes show the same crack, so they are
    opinions on one question: a weighted mean of their log-odds (a logarithmic pool,
    Genest and Zidek 1986, Statistical Science 1, 114-135). A coarser one counts more,
    as its tiles show more of a crack.

    Args:
        tiles: Log-odds of the tiles of each size, coarse to fine.
    """
    levels = [logsumexp(level) - np.log(level.size) for level in tiles]
    return float(np.average(levels, weights=_level_weights(len(levels))))


def tile_weights(tiles: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Return how much the log-odds of the photo follow those of each tile.

    It is the derivative of `photo_log_odds`; all weights together are 1.

    Args:
        tiles: As there.

    Returns:
        For each size an array in the shape of its tiles.
    """
    weights = _level_weights(len(tiles))
    return [
        (weight * softmax(level, axis=None)).astype(np.float32)
        for weight, level in zip(weights / weights.sum(), tiles, strict=True)
    ]


def _level_weights(count: int) -> NDArray[np.float64]:
    return _COARSER_COUNTS ** -np.arange(count, dtype=np.float64)
