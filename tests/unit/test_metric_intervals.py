from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from crack.evaluation.calibration import expected_calibration_error
from crack.evaluation.curves import curves_of, reliability
from crack.evaluation.metric_intervals import (
    STATISTICS,
    Statistics,
    metric_intervals,
)
from crack.evaluation.metrics import binary_metrics
from crack.inference.thresholds import Thresholds
from tests.scored import drawn, scored

THRESHOLDS = Thresholds(0.05, 0.95)

# Few different probabilities, so that many are equal.
PAIRS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 20).map(lambda k: k / 20)),
    min_size=1,
    max_size=80,
)


@given(PAIRS)
@settings(max_examples=200, deadline=None)
def test_metrics_are_those_of_scikit_learn(pairs):
    truth, probability = (np.array(column) for column in zip(*pairs, strict=True))
    said, found = probability >= 0.5, binary_metrics(truth, probability)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(truth, said))
    assert (
        found["confusion"]
        == reference.confusion_matrix(truth, said, labels=[False, True]).tolist()
    )
    assert found["brier"] == pytest.approx(np.mean((truth - probability) ** 2))
    if truth.any() and not truth.all():
        assert found["balanced_accuracy"] == pytest.approx(
            reference.balanced_accuracy_score(truth, said)
        )
        assert found["auroc"] == pytest.approx(
            reference.roc_auc_score(truth, probability)
        )
        assert found["average_precision"] == pytest.approx(
            reference.average_precision_score(truth, probability)
        )
    if truth.any():
        assert found["recall"] == pytest.approx(reference.recall_score(truth, said))


@given(PAIRS, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_drawn_again_means_counted_again(pairs, random):
    truth, probability = (np.array(column) for column in zip(*pairs, strict=True))
    weights = np.array([random.randint(0, 3) for _ in truth])
    repeated = np.repeat(np.arange(len(truth)), weights)
    if not len(repeated):
        return
    metrics = Statistics(scored(truth, probability))(weights[None].astype(float))
    again = binary_metrics(truth[repeated], probability[repeated])
    for value, key in zip(metrics[0], STATISTICS, strict=True):
        wanted = np.nan if again[key] is None else again[key]
        assert value == pytest.approx(wanted, nan_ok=True), key


def test_each_number_lies_in_its_interval_and_says_how_it_was_found():
    images = drawn(300, groups=80)
    metrics = binary_metrics(images.is_crack, images.probability)
    for key, interval in metric_intervals(images).items():
        # Noise adds to a calibration error, so the true one is smaller.
        slack = 0.02 if key == "ece" else 0
        assert interval["low"] <= metrics[key] <= interval["high"] + slack, key
        assert "groups of photos" in interval["method"]


def test_one_class_has_only_the_intervals_that_it_can_have():
    found = metric_intervals(scored([False] * 5, [0.1, 0.2, 0.3, 0.7, 0.1]))
    assert found["recall"] is None
    assert found["auroc"] is None
    assert found["accuracy"]["low"] < 0.8 < found["accuracy"]["high"]


def test_a_perfect_order_still_leaves_doubt():
    found = metric_intervals(scored([True] * 8 + [False] * 8, np.linspace(1, 0, 16)))
    assert found["auroc"]["high"] == 1
    assert found["auroc"]["low"] < 0.95
    assert found["auroc"]["method"] == "Newcombe"


@pytest.mark.parametrize("right", [True, False])
def test_where_all_are_right_or_all_wrong_an_interval_still_has_a_width(right):
    truth = np.array([True] * 8 + [False] * 8)
    said = np.where(truth == right, 0.9, 0.1)
    images = scored(truth, said)
    metrics, found = binary_metrics(truth, said), metric_intervals(images)
    for key in ("accuracy", "balanced_accuracy", "recall", "precision", "f1", "auroc"):
        low, high = found[key]["low"], found[key]["high"]
        assert 0 <= low <= metrics[key] <= high <= 1, key
        assert 0.1 < high - low < 0.6, key
    # One of two equal shares can vary without the other: the mean varies less.
    width = found["recall"]["high"] - found["recall"]["low"]
    both = found["balanced_accuracy"]
    assert both["high"] - both["low"] == pytest.approx(width / 2**0.5)


def test_an_average_precision_that_drawing_cannot_change_has_no_interval():
    truth = np.array([True] * 8 + [False] * 8)
    assert metric_intervals(scored(truth, truth * 0.8))["average_precision"] is None


def test_curves_end_in_their_corners():
    images = drawn(3000)
    curves = curves_of(images, THRESHOLDS)
    curve = curves.roc
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert len(curve.x) <= 400
    area = reference.auc(curve.x, curve.y)
    assert area == pytest.approx(
        reference.roc_auc_score(images.is_crack, images.probability), abs=2e-3
    )
    assert curves.precision_recall.x.max() == 1
    assert curves_of(scored([True], [0.4]), THRESHOLDS) is None


def test_reliability_adds_up_to_the_calibration_error():
    images = drawn(500)
    bins = reliability(images)
    assert sum(each.images for each in bins) == 500
    gaps = [each.images * abs(each.share - each.probability) for each in bins]
    assert sum(gaps) / 500 == pytest.approx(
        expected_calibration_error(images.is_crack, images.probability)
    )
    assert all(each.low <= each.share <= each.high for each in bins)
