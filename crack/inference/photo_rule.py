"""From the log-odds of the tiles of a photo to those of the photo itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

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
