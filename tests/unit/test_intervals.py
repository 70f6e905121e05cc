from __future__ import annotations

import numpy as np
import pytest

from crack.evaluation.intervals import (
    GroupBootstrap,
    auroc_interval,
    share_interval,
    wilson_interval,
)


def test_images_on_their_own_are_counted_by_wilson():
    right = [True] * 18 + [False] * 2
    assert share_interval(right, np.arange(20)) == wilson_interval(18, 20)


def test_no_images_have_no_interval():
    assert share_interval([], []) is None


def test_copies_do_not_make_an_interval_narrower():
    rng = np.random.default_rng(17)
    right = rng.random(50) < 0.8
    alone = share_interval(right, np.arange(50))
    copied = share_interval(np.repeat(right, 10), np.repeat(np.arange(50), 10))
    assert copied[1] - copied[0] >= 0.98 * (alone[1] - alone[0])


def test_where_all_are_right_a_group_counts_as_one_image():
    group = np.repeat(np.arange(10), 30)
    assert share_interval(np.ones(300, bool), group) == wilson_interval(10, 10)


def test_one_group_tells_next_to_nothing():
    low, high = share_interval([True, True, False, True], [3, 3, 3, 3])
    assert high - low > 0.7


def test_the_same_seed_draws_the_same_groups():
    group = np.repeat(np.arange(30), 3)
    values = np.random.default_rng(17).random(90)

    def mean(weights):
        return (weights @ values / weights.sum(1))[:, None]

    first, second = (GroupBootstrap(group).intervals(mean) for _ in range(2))
    assert first == second
    ((low, high),) = first
    assert low < values.mean() < high


def test_whole_groups_are_drawn():
    group = np.array([0, 0, 1, 2, 2, 2])

    def check(weights):
        assert (weights[:, 0] == weights[:, 1]).all()
        assert (weights[:, 3:] == weights[:, 3:4]).all()
        assert (weights[:, [0, 2, 3]].sum(1) == 3).all()
        return weights[:, :1]

    GroupBootstrap(group).values(check)


def test_a_statistic_that_is_mostly_undefined_has_no_interval():
    def undefined(weights):
        return np.full((len(weights), 1), np.nan)

    assert GroupBootstrap(np.arange(5)).intervals(undefined) == [None]


def test_a_perfect_order_of_few_images_still_leaves_doubt():
    low, high = auroc_interval(1.0, 10, 10)
    assert high == 1
    assert 0.7 < low < 0.95
    assert auroc_interval(1.0, 1000, 1000)[0] > 0.995


@pytest.mark.parametrize("auroc", [0.6, 0.8, 0.95])
def test_an_auroc_lies_inside_its_interval(auroc):
    low, high = auroc_interval(auroc, 40, 60)
    assert low < auroc < high
