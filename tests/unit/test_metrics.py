from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as reference

from crack.evaluation.intervals import wilson_interval
from crack.evaluation.metrics import binary_metrics

TRUTH = np.array([True] * 5 + [False] * 5)
SCORES = np.array([0.9, 0.8, 0.7, 0.4, 0.5, 0.1, 0.2, 0.6, 0.3, 0.05])


def test_the_scores_are_those_of_scikit_learn():
    scored = binary_metrics(TRUTH, SCORES)
    said = SCORES >= 0.5
    assert scored["n"] == 10
    for name, function in {
        "accuracy": reference.accuracy_score,
        "balanced_accuracy": reference.balanced_accuracy_score,
        "precision": reference.precision_score,
        "recall": reference.recall_score,
        "f1": reference.f1_score,
    }.items():
        assert scored[name] == pytest.approx(function(TRUTH, said)), name
    assert scored["auroc"] == pytest.approx(reference.roc_auc_score(TRUTH, SCORES))
    assert scored["average_precision"] == pytest.approx(
        reference.average_precision_score(TRUTH, SCORES)
    )
    assert scored["confusion"] == reference.confusion_matrix(TRUTH, said).tolist()


def test_a_probability_of_one_half_counts_as_a_crack():
    assert binary_metrics([True, False], [0.5, 0.5])["confusion"] == [[0, 1], [0, 1]]


def test_a_perfect_model_scores_1_everywhere():
    scored = binary_metrics(TRUTH, TRUTH.astype(float))
    assert scored.pop("ece") == 0
    assert scored.pop("brier") == 0
    assert scored.pop("confusion") == [[5, 0], [0, 5]]
    assert scored.pop("n") == 10
    assert set(scored.values()) == {1.0}


def test_without_cracks_their_scores_are_undefined():
    scored = binary_metrics([False] * 3, [0.1, 0.2, 0.9])
    assert scored["accuracy"] == pytest.approx(2 / 3)
    assert scored["precision"] == 0
    for name in ("recall", "balanced_accuracy", "auroc", "average_precision"):
        assert scored[name] is None, name


def test_without_intact_samples_the_comparing_scores_are_undefined():
    scored = binary_metrics([True] * 3, [0.1, 0.8, 0.9])
    assert scored["recall"] == pytest.approx(2 / 3)
    for name in ("balanced_accuracy", "auroc", "average_precision"):
        assert scored[name] is None, name


def test_precision_is_undefined_when_nothing_is_called_a_crack():
    scored = binary_metrics([True, False], [0.1, 0.2])
    assert scored["precision"] is None
    assert scored["recall"] == 0
    assert scored["f1"] == 0


def test_without_samples_everything_is_undefined():
    scored = binary_metrics([], [])
    assert scored.pop("n") == 0
    assert scored.pop("confusion") == [[0, 0], [0, 0]]
    assert set(scored.values()) == {None}


def test_the_scores_are_plain_json():
    scored = binary_metrics(TRUTH, SCORES.astype(np.float32))
    assert json.loads(json.dumps(scored)) == scored


# Newcombe 1998, Statistics in Medicine 17, table I, method 3.
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval_matches_the_literature(successes, n, low, high):
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_all_right_answers_still_leave_doubt():
    low, high = wilson_interval(20, 20)
    assert low == pytest.approx(1 - 0.1611, abs=5e-5)
    assert high == 1


@pytest.mark.parametrize("n", range(1, 51))
def test_the_ends_of_an_interval_are_exact(n):
    assert wilson_interval(n, n)[1] == 1
    assert wilson_interval(0, n)[0] == 0


def test_no_answers_tell_nothing():
    assert wilson_interval(0, 0) == (0, 1)
