"""Intervals hold the true value about 95 times in 100, also where photos come twice."""

from __future__ import annotations

import numpy as np
import pytest

from crack.evaluation.intervals import GroupBootstrap, share_interval
from crack.evaluation.metric_intervals import STATISTICS, Statistics
from tests.scored import scored

LOW, HIGH = 0.935, 0.965


def grouped(rng, groups, size):
    """Numbers of the groups of images, `size` of them in each on average."""
    sizes = rng.integers(1, 2 * size, groups) if size > 1 else np.ones(groups, int)
    return np.repeat(np.arange(groups), sizes)


@pytest.mark.parametrize(
    ("share", "groups", "size", "alike"),
    [(0.9, 400, 1, 0.0), (0.9, 150, 5, 0.3), (0.97, 400, 4, 0.2), (0.8, 60, 10, 0.1)],
)
def test_shares(share, groups, size, alike):
    rng = np.random.default_rng(17)
    held = []
    for _ in range(2000):
        group = grouped(rng, groups, size)
        of_group = np.full(groups, share)
        if alike:
            a = (1 - alike) / alike
            of_group = rng.beta(a * share, a * (1 - share), groups)
        right = rng.random(len(group)) < of_group[group]
        low, high = share_interval(right, group)
        held.append(low <= share <= high)
    assert LOW <= np.mean(held) <= HIGH


@pytest.mark.parametrize(("groups", "size"), [(500, 1), (250, 3)])
def test_aurocs(groups, size):
    def images(rng, groups):
        group = grouped(rng, groups, size)
        is_crack = (rng.random(groups) < 0.4)[group] ^ (rng.random(len(group)) < 0.15)
        log_odds = rng.normal(np.where(is_crack, 1.5, -1.5), 2)
        log_odds += rng.normal(0, 1, groups)[group]
        return scored(is_crack, 1 / (1 + np.exp(-log_odds)), group=group)

    def auroc(some, weights):
        return Statistics(some)(weights)[:, [STATISTICS.index("auroc")]]

    many = images(np.random.default_rng(1), 60_000)
    true = auroc(many, np.ones((1, len(many)))).item()
    rng, held = np.random.default_rng(17), []
    for _ in range(800):
        some = images(rng, groups)
        drawn = GroupBootstrap(some.group).intervals(lambda w, s=some: auroc(s, w))
        held.append(drawn[0][0] <= true <= drawn[0][1])
    assert LOW <= np.mean(held) <= HIGH
