"""How far a share counted on few samples can be trusted."""

from __future__ import annotations

import math


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion (Wilson 1927, JASA 22, 209-212).

    Unlike the textbook formula it stays within 0 and 1 and has a width even where
    every answer was right; (0, 1) for n = 0.
    """
    if n == 0:
        return 0.0, 1.0
    z = 1.959964  # 97.5 % quantile of the normal distribution
    share = successes / n
    centre = share + z**2 / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    # At the ends the formula gives 0 and 1, but rounding misses them by a hair.
    low = 0.0 if successes == 0 else (centre - half) / scale
    high = 1.0 if successes == n else (centre + half) / scale
    return low, high
