"""How two evaluations differ, and whether by more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crack.evaluation.intervals import GroupBootstrap, Interval, percentile_interval
from crack.evaluation.metric_intervals import STATISTICS, Statistics
from crack.evaluation.scored import ScoredImages
from crack.inference.results import ScoreKey


@dataclass(frozen=True)
class Difference:
    """A metric of two evaluations.

    Attributes:
        key: The metric.
        first: Of the first evaluation.
        second: Of the second.
        interval: 95 % interval of second minus first, None where it is unknown.
    """

    key: ScoreKey
    first: float
    second: float
    interval: Interval | None

    @property
    def by_more_than_chance(self) -> bool:
        """Whether 0 lies outside the interval."""
        return bool(self.interval and (self.interval[0] > 0 or self.interval[1] < 0))


def differences(first: ScoredImages, second: ScoredImages) -> list[Difference]:
    """Return the metrics of two evaluations with the intervals of their differences.

    On the same images the same groups are drawn for both, so that what is hard for
    both counts for neither; on others each is drawn for itself.

    Args:
        first: Judged images.
        second: The same images judged by another model, or others.
    """
    paired = first.file == second.file and bool((first.group == second.group).all())
    of_first, of_second = Statistics(first), Statistics(second)
    drawn = GroupBootstrap(second.group, seed=17 if paired else 18).values(of_second)
    drawn = drawn - GroupBootstrap(first.group, seed=17).values(of_first)
    values = [
        each(np.ones((1, len(images))))[0].tolist()
        for each, images in ((of_first, first), (of_second, second))
    ]
    return [
        Difference(key, one, other, percentile_interval(column))
        for key, one, other, column in zip(STATISTICS, *values, drawn.T, strict=True)
    ]
