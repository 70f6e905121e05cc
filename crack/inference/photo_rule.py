"""From the log-odds of the tiles of a photo to those of the photo itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

STRONGEST_WEIGHT = 2 / 3
"""Weight of the strongest tile in new models. Chosen on validation images and
photos made of them (docs/benchmarks.md has the table): without it a crack is lost in a
large wall, with it alone finely cracked roads are hardly distinguished from sound ones.
1/2 and 3/4 were hardly different."""

RULE = (
    "Two thirds of the log-odds of the photo are those of its strongest tile, in "
    "whichever size, so that a crack counts much the same on a small photo and on a "
    "large one. One third are those of all tiles together: at each size the mean of "
    "their odds, then the mean over the sizes, coarser ones counting 1.5 times the "
    "next finer. Calibrated on validation images. A photo whose strongest tile alone "
    "reaches the threshold for a crack is never answered with no crack."
)
"""The rule of `photo_log_odds` with `STRONGEST_WEIGHT`, for the card."""

_COARSER_COUNTS = 1.5  # times the next finer size; 1 and 2 were hardly worse on val


def photo_log_odds(
    tiles: Sequence[NDArray[np.float32]], strongest_weight: float
) -> float:
    """Return the log-odds of a crack in the photo, before calibration.

    A weighted mean of two opinions on the same question (a logarithmic pool, Genest and
    Zidek 1986, Statistical Science 1, 114-135). One is the strongest tile, which does
    not depend on the size of the rest of the wall. The other weighs all tiles: at each
    size the mean of their odds, which is Bayes' rule for a crack that shows in one of
    them, each equally likely (as a pooling known as log-sum-exp, Pinheiro and Collobert
    2015, CVPR, eq. 6, with r = 1), then the mean of their log-odds over the sizes. A
    coarser size counts more, as its tiles show more of a crack.

    Args:
        tiles: Log-odds of the tiles of each size, coarse to fine.
        strongest_weight: Of the strongest tile, 0 to 1, from the card.
    """
    levels = [logsumexp(level) - np.log(level.size) for level in tiles]
    together = np.average(levels, weights=_level_weights(len(levels)))
    strongest = max(float(level.max()) for level in tiles)
    return float(strongest_weight * strongest + (1 - strongest_weight) * together)


def tile_weights(
    tiles: Sequence[NDArray[np.float32]], strongest_weight: float
) -> list[NDArray[np.float32]]:
    """Return how much the log-odds of the photo follow those of each tile.

    It is the derivative of `photo_log_odds`; all weights together are 1.

    Args:
        tiles: As for `photo_log_odds`.
        strongest_weight: As for `photo_log_odds`.

    Returns:
        For each size an array in the shape of its tiles.
    """
    of_levels = _level_weights(len(tiles))
    of_levels *= (1 - strongest_weight) / of_levels.sum()
    weights = [
        weight * softmax(level, axis=None)
        for weight, level in zip(of_levels, tiles, strict=True)
    ]
    strongest = int(np.argmax([level.max() for level in tiles]))
    weights[strongest].flat[tiles[strongest].argmax()] += strongest_weight
    return [weight.astype(np.float32) for weight in weights]


def _level_weights(count: int) -> NDArray[np.float64]:
    return _COARSER_COUNTS ** -np.arange(count, dtype=np.float64)
