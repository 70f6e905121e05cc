"""Whether a probability means what it says."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.25, 10.0
"""Networks are usually overconfident, with temperatures of 1 to 3 (Guo et al. 2017,
section 5). A value outside this range points to a problem in the validation set."""


def fit_calibration(log_odds: ArrayLike, is_crack: ArrayLike) -> tuple[float, float]:
    """Return the temperature and offset of the log-odds that fit the truth best.

    Platt scaling (1999, section 2.2): probability = sigmoid((log-odds - offset) /
    temperature), by the least negative log likelihood on samples the model was not
    trained on; the order of the answers does not change. The targets are not 0 and 1
    but Platt's: 1 / (n + 2) and (n + 1) / (n + 2) with the n of each class. With plain
    targets a validation set without errors would give a temperature of 0, that is,
    certainty; n right answers support a probability of (n + 1) / (n + 2) and no more.
    Each class counts half, however many samples it has: the share of cracked photos in
    a dataset says nothing about the next photo, and if it is small, cracks would be
    missed.

    Args:
        log_odds: float array (n,) of the crack class against the other.
        is_crack: bool array (n,), the truth.

    Returns:
        Temperature between `MIN_TEMPERATURE` and `MAX_TEMPERATURE`, and offset; 1 and 0
        if one of the classes has no samples.
    """
    scores = np.asarray(log_odds, dtype=float)
    truth = np.asarray(is_crack, dtype=bool)
    cracked, intact = int(truth.sum()), int((~truth).sum())
    if cracked == 0 or intact == 0:
        return 1.0, 0.0
    target = np.where(truth, (cracked + 1) / (cracked + 2), 1 / (intact + 2))
    weight = np.where(truth, 0.5 / cracked, 0.5 / intact)

    def negative_log_likelihood(parameters: NDArray[np.float64]) -> float:
        scaled = parameters[0] * scores + parameters[1]
        return float(np.sum(weight * (np.logaddexp(0, scaled) - target * scaled)))

    bounds = [(1 / MAX_TEMPERATURE, 1 / MIN_TEMPERATURE), (None, None)]
    best = minimize(
        negative_log_likelihood, (1.0, 0.0), bounds=bounds, method="L-BFGS-B", tol=1e-9
    )
    slope, intercept = best.x
    return float(1 / slope), float(-intercept / slope)


BINS = 15
"""Equal-width bins over the probability, as in Guo et al. 2017."""


def bin_of(probability: ArrayLike) -> NDArray[np.int64]:
    """Return the bin of each probability, 0 to `BINS` - 1."""
    scores = np.asarray(probability, dtype=float)
    return np.minimum((scores * BINS).astype(np.int64), BINS - 1)


def expected_calibration_error(
    is_crack: ArrayLike, probability: ArrayLike
) -> float | None:
    """Return how far probabilities lie from observed frequencies, on average.

    Equal-width bins over the probability of a crack (Naeini et al. 2015, AAAI). Unlike
    the variant over the likelier class, it also detects a model that is overconfident
    in one class only.

    Args:
        is_crack: bool array (n,), the truth.
        probability: float array (n,), 0 to 1, of a crack.

    Returns:
        Mean absolute gap weighted by samples, 0 to 1; None without samples.
    """
    truth = np.asarray(is_crack, dtype=float)
    scores = np.asarray(probability, dtype=float)
    if len(scores) == 0:
        return None
    gaps = np.bincount(bin_of(scores), weights=truth - scores, minlength=BINS)
    return float(np.abs(gaps).sum() / len(scores))
