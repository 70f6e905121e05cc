from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from crack.errors import CrackError
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds, label_for, review_thresholds


@pytest.mark.parametrize(
    ("probability", "label"),
    [
        (0.0, Label.NO_CRACK),
        (0.199, Label.NO_CRACK),
        (0.2, Label.REVIEW),
        (0.799, Label.REVIEW),
        (0.8, Label.CRACK),
        (1.0, Label.CRACK),
    ],
)
def test_a_threshold_belongs_to_the_answer_above_it(probability, label):
    assert label_for(probability, Thresholds(no_crack=0.2, crack=0.8)) is label


@pytest.mark.parametrize(("no_crack", "crack"), [(0.6, 0.4), (-0.1, 0.5), (0.5, 1.1)])
def test_thresholds_out_of_order_are_refused(no_crack, crack):
    with pytest.raises(CrackError, match="Expected thresholds"):
        Thresholds(no_crack, crack)


def test_answers_outside_review_are_wrong_at_most_as_often_as_accepted():
    rng = np.random.default_rng(17)
    log_odds = rng.normal(0, 3, 50_000)
    truth = rng.random(len(log_odds)) < expit(log_odds)
    thresholds = review_thresholds(max_error=0.05)
    probability = expit(log_odds)
    assert (~truth[probability >= thresholds.crack]).mean() <= 0.05
    assert truth[probability < thresholds.no_crack].mean() <= 0.05


def test_an_accepted_error_above_one_half_makes_no_sense():
    with pytest.raises(CrackError):
        review_thresholds(max_error=0.6)
