from __future__ import annotations

import json

import numpy as np
import pytest

from crack.evaluation.answer_counts import count_answers, set_result
from crack.evaluation.intervals import share_interval, wilson_interval
from crack.evaluation.metrics import binary_metrics
from crack.inference.thresholds import Thresholds, label_for

THRESHOLDS = Thresholds(no_crack=0.2, crack=0.8)
TRUTH = np.array([True, True, True, True, False, False, False, False, False])
SCORES = np.array([0.95, 0.8, 0.5, 0.1, 0.8, 0.79, 0.3, 0.2, 0.1])


def test_answers_are_counted_for_each_truth():
    labels = [label_for(score, THRESHOLDS) for score in SCORES]
    told = count_answers(TRUTH, labels, THRESHOLDS)
    assert told == {
        "thresholds": {"no_crack": 0.2, "crack": 0.8},
        "with_crack": {"crack": 2, "review": 1, "no_crack": 1},
        "without_crack": {"crack": 1, "review": 3, "no_crack": 1},
    }


def test_a_set_is_scored_at_one_half_and_its_false_alarms_at_the_threshold():
    result = set_result(TRUTH, SCORES, THRESHOLDS)
    metrics = binary_metrics(TRUTH, SCORES)
    assert [result[name] for name in ("n", "accuracy", "auroc", "recall")] == [
        metrics[name] for name in ("n", "accuracy", "auroc", "recall")
    ]
    assert result["accuracy"] == pytest.approx(6 / 9)
    assert result["accuracy_interval"] == list(wilson_interval(6, 9))
    alarms = result["false_alarms"]
    assert alarms == {"count": 1, "total": 5, "interval": list(wilson_interval(1, 5))}
    assert "interval_groups" not in result


def test_intervals_count_groups_of_photos_where_they_are_known():
    group = np.arange(9) // 3
    result = set_result(TRUTH, SCORES, THRESHOLDS, group)
    right = (SCORES >= 0.5) == TRUTH
    assert result["accuracy_interval"] == list(share_interval(right, group))
    assert result["accuracy_interval"] != list(wilson_interval(6, 9))
    assert result["interval_groups"] == 3


def test_a_set_without_cracks_is_judged_as_far_as_it_goes():
    result = set_result([False] * 4, [0.1, 0.5, 0.8, 0.3], THRESHOLDS)
    assert (result["n"], result["accuracy"]) == (4, 0.5)
    assert (result["auroc"], result["recall"]) == (None, None)
    assert result["false_alarms"]["count"] == 1
    assert result["false_alarms"]["total"] == 4


def test_a_set_of_cracks_alone_has_no_false_alarms_to_speak_of():
    result = set_result([True] * 3, [0.1, 0.5, 0.9], THRESHOLDS)
    assert result["recall"] == pytest.approx(2 / 3)
    assert result["auroc"] is None
    assert result["false_alarms"] == {"count": 0, "total": 0, "interval": None}


def test_an_empty_set_says_nothing():
    result = set_result([], [], THRESHOLDS)
    assert (result["n"], result["accuracy"], result["accuracy_interval"]) == (
        0,
        None,
        None,
    )


def test_results_are_plain_json():
    scores = SCORES.astype(np.float32)
    result = set_result(TRUTH, scores, THRESHOLDS)
    labels = [label_for(score, THRESHOLDS) for score in scores]
    result["answers"] = count_answers(TRUTH, labels, THRESHOLDS)
    assert json.loads(json.dumps(result)) == result
