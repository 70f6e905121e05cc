"""How far a number measured on few images can be trusted: 95 % intervals.

Near-copies and images of one photo tell the same thing twice, so whole groups of them
count, not single images: shares by Wilson with the number of images that independent
ones would have to be, everything else by drawing groups again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95
"""How often an interval holds the true value."""

Interval = tuple[float, float]

_REPLICATES = 1000
_AT_ONCE = 4_000_000  # weights in memory: 32 MB


def wilson_interval(successes: int, n: int) -> Interval:
    """Return the interval of a proportion (Wilson 1927, JASA 22, 209-212).

    Unlike the textbook formula it stays within 0 and 1 and has a width even where
    every answer was right; (0, 1) for n = 0.
    """
    # Here: pages that only need the constant would pay 20 MB for it.
    from scipy.stats import binomtest

    if n == 0:
        return 0.0, 1.0
    interval = binomtest(successes, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def share_interval(right: ArrayLike, group: ArrayLike) -> Interval | None:
    """Return the interval of a share whose images come in groups.

    Wilson's with the effective number of images (Korn and Graubard 1998, Survey
    Methodology 24, 193-201): that many independent ones would say as much. Where all
    images are right, or all wrong, a group counts as one image.

    Args:
        right: bool array (n,).
        group: int array (n,), equal for images that belong together.

    Returns:
        None without images.
    """
    hits = np.asarray(right, dtype=float)
    if not len(hits):
        return None
    _, place = np.unique(np.asarray(group), return_inverse=True)
    sizes = np.bincount(place)
    n, groups, share = len(hits), len(sizes), float(hits.mean())
    if groups == n:
        return wilson_interval(int(hits.sum()), n)
    effective = float(groups)
    if 0 < share < 1 and groups > 1:
        off = np.bincount(place, weights=hits) - share * sizes
        variance = groups / (groups - 1) * float(np.sum(off**2)) / n**2
        if variance > 0:
            effective = min(float(n), share * (1 - share) / variance)
        effective *= _fewer_for_few(groups)
    return wilson_interval(round(share * effective), max(1, round(effective)))


def sum_interval(values: Sequence[float], intervals: Sequence[Interval]) -> Interval:
    """Return the interval of a sum of numbers measured on different images.

    From the interval of each (Newcombe 1998, Statistics in Medicine 17, 873-890).

    Args:
        values: As measured.
        intervals: Of each of them.
    """
    pairs = list(zip(values, intervals, strict=True))
    total = float(sum(values))
    below = sum((value - low) ** 2 for value, (low, _) in pairs) ** 0.5
    above = sum((high - value) ** 2 for value, (_, high) in pairs) ** 0.5
    return total - below, total + above


def auroc_interval(auroc: float, with_crack: int, without: int) -> Interval:
    """Return the interval of an AUROC from its value and the numbers of images alone.

    By inverting a score test with the variance of Hanley and McNeil (Newcombe 2006,
    Statistics in Medicine 25, 559-573, method 5). Unlike the bootstrap it has a width
    where every image with a crack is above every one without.

    Args:
        auroc: As measured.
        with_crack: Number of independent images.
        without: The same.
    """
    from scipy.optimize import brentq

    z2 = _normal_quantile() ** 2
    more = (with_crack + without) / 2 - 1

    def beyond(true: float) -> float:
        spread = 1 + more * (1 - true) / (2 - true) + more * true / (1 + true)
        variance = true * (1 - true) * spread / (with_crack * without)
        return (auroc - true) ** 2 - z2 * variance

    # Just beside the value itself, where 0 and 1 have a root that is no end.
    aside = 1e-9
    low = 0.0 if auroc <= aside else brentq(beyond, 0.0, auroc - aside)
    high = 1.0 if auroc >= 1 - aside else brentq(beyond, auroc + aside, 1.0)
    return float(low), float(high)


@dataclass(frozen=True)
class GroupBootstrap:
    """Draws groups of images again and again (Efron 1979; Davison and Hinkley 1997).

    Attributes:
        group: int array (n,), equal for images that belong together.
        seed: The same seed draws the same groups.
    """

    group: NDArray[np.int64]
    seed: int = 17

    def values(
        self, statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return the statistic of each drawing.

        Args:
            statistic: From weights (draws, n), how often each image was drawn, to
                values (draws, ...); not a number where it is undefined.
        """
        return np.concatenate([statistic(weights) for weights in self._drawn()])

    def intervals(
        self, statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> list[Interval | None]:
        """Return the percentile interval of each column of a statistic.

        Args:
            statistic: As of `values`, to an array (draws, statistics).

        Returns:
            None for a statistic that is undefined in more than one drawing in twenty.
        """
        return [percentile_interval(column) for column in self.values(statistic).T]

    def _drawn(self) -> Iterator[NDArray[np.float64]]:
        _, place = np.unique(self.group, return_inverse=True)
        groups = int(place.max(initial=-1)) + 1
        rng = np.random.default_rng(self.seed)
        chances = np.full(groups, 1 / groups)
        at_once = max(1, min(_REPLICATES, _AT_ONCE // max(1, len(place))))
        for first in range(0, _REPLICATES, at_once):
            draws = min(at_once, _REPLICATES - first)
            counts = rng.multinomial(groups, chances, size=draws)
            yield counts[:, place].astype(np.float64)


def percentile_interval(drawn: NDArray[np.float64]) -> Interval | None:
    """Return the interval that holds the middle 95 % of a statistic drawn again.

    Args:
        drawn: float64 array (draws,); not a number where it is undefined.

    Returns:
        None if it is undefined in more than one drawing in twenty.
    """
    known = drawn[np.isfinite(drawn)]
    if len(known) < CONFIDENCE * len(drawn):
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)


def _fewer_for_few(groups: int) -> float:
    """Return the factor by which few groups make an interval wider, at most 1."""
    from scipy.special import stdtrit

    tail = (1 + CONFIDENCE) / 2
    return float((_normal_quantile() / stdtrit(groups - 1, tail)) ** 2)


def _normal_quantile() -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + CONFIDENCE) / 2))
