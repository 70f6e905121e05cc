from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from crack.errors import CrackError
from crack.evaluation.intervals import wilson_interval
from crack.evaluation.trade import (
    answer_table,
    thresholds_for_costs,
    thresholds_for_shares,
    trade,
    trade_intervals,
)
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds
from tests.scored import drawn, scored

TEN = scored(
    [True] * 4 + [False] * 6, [0.95, 0.7, 0.4, 0.02, 0.97, 0.6, 0.3, 0.1, 0.04, 0.01]
)


def test_answers_are_counted_by_class():
    counts = answer_table(TEN, Thresholds(0.05, 0.9))
    assert counts[True] == {Label.CRACK: 1, Label.REVIEW: 2, Label.NO_CRACK: 1}
    assert counts[False] == {Label.CRACK: 1, Label.REVIEW: 3, Label.NO_CRACK: 2}


def test_the_trade_is_per_1000_photos_at_the_share_of_the_reader():
    result = trade(TEN, Thresholds(0.05, 0.9), share=0.1)
    assert result.found == pytest.approx(100 / 4)
    assert result.missed == pytest.approx(100 / 4)
    assert result.false_alarms == pytest.approx(900 / 6)
    assert result.review == pytest.approx(100 / 2 + 900 / 2)
    assert result.sound == pytest.approx(900 / 3)
    total = (
        result.found
        + result.missed
        + result.false_alarms
        + result.review
        + result.sound
    )
    assert total == pytest.approx(1000)


def test_each_number_of_the_trade_has_an_interval_from_its_own_images():
    none_missed = scored([True] * 10 + [False] * 12, [0.99] * 10 + [0.01] * 12)
    ends = trade_intervals(none_missed, Thresholds(0.05, 0.9), share=0.1)
    low, high = wilson_interval(0, 10)
    assert ends["missed"] == pytest.approx((100 * low, 100 * high))
    assert high > 0.25  # of ten cracks, none missed says little
    low, high = wilson_interval(0, 12)
    assert ends["false_alarms"] == pytest.approx((900 * low, 900 * high))


@pytest.mark.parametrize("groups", [None, 60])
def test_the_trade_lies_in_its_intervals(groups):
    images = drawn(300, groups=groups)
    result = trade(images, Thresholds(0.2, 0.8), 0.1)
    ends = trade_intervals(images, Thresholds(0.2, 0.8), 0.1)
    assert list(ends) == [field.name for field in fields(result)]
    for name, (low, high) in ends.items():
        assert low < getattr(result, name) < high


def test_a_class_without_images_has_no_trade():
    with pytest.raises(CrackError, match="all of one class"):
        trade(scored([True, True], [0.2, 0.9]), Thresholds(0.1, 0.9), 0.5)


@pytest.mark.parametrize(("missed", "alarms"), [(0, 0), (0.05, 0.02), (0.2, 0.3)])
@pytest.mark.parametrize("seed", range(5))
def test_both_limits_hold_and_nothing_more_could_be_answered(missed, alarms, seed):
    images = drawn(300, seed)
    found = thresholds_for_shares(images, missed, alarms)

    def within(thresholds):
        counts = answer_table(images, thresholds)
        return (
            counts[True][Label.NO_CRACK] <= missed * images.is_crack.sum()
            and counts[False][Label.CRACK] <= alarms * (~images.is_crack).sum()
        )

    assert within(found)
    ordered = np.sort(images.probability)
    below = ordered[ordered < found.crack][-1]
    if below > found.no_crack:
        assert not within(Thresholds(found.no_crack, below))
        above = ordered[ordered >= found.no_crack][0]
        assert not within(Thresholds(np.nextafter(above, 1), found.crack))


def test_classes_that_do_not_overlap_leave_nothing_for_review():
    images = scored([True] * 3 + [False] * 3, [0.9, 0.8, 0.7, 0.3, 0.2, 0.1])
    found = thresholds_for_shares(images, 0, 0)
    assert 0.3 < found.no_crack == found.crack <= 0.7


def test_a_region_that_is_a_crack_by_itself_is_not_missed():
    images = scored(
        [True, True, False, False],
        [0.02, 0.9, 0.1, 0.3],
        strongest=[0.99, 0.99, 0, 0],
    )
    found = thresholds_for_shares(images, 0, 0)
    assert answer_table(images, found)[True][Label.NO_CRACK] == 0
    assert answer_table(images, found)[False][Label.NO_CRACK] == 2


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("miss", "alarm", "share"), [(50, 5, 0.1), (3, 2, 0.5)])
def test_no_other_thresholds_cost_less(seed, miss, alarm, share):
    images = drawn(60, seed)

    def cost(thresholds):
        result = trade(images, thresholds, share)
        return miss * result.missed + alarm * result.false_alarms + result.review

    found = cost(thresholds_for_costs(images, miss, alarm, share))
    cuts = [0, *np.sort(images.probability), 1]
    others = [
        cost(Thresholds(low, high))
        for place, low in enumerate(cuts)
        for high in cuts[place:]
    ]
    assert found == pytest.approx(min(others))


def test_photos_that_a_person_must_see_anyway_change_no_threshold():
    images = drawn(200)
    blurred = scored(
        [*images.is_crack, False], [*images.probability, 0.999], look=[0] * 200 + [1]
    )
    assert thresholds_for_costs(blurred, 20, 3, 0.2) == (
        thresholds_for_costs(images, 20, 3, 0.2)
    )
