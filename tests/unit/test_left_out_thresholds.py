import numpy as np
import pandas as pd
import pytest

from benchmarks.left_out_thresholds import (
    MAX_FALSE_ALARMS,
    MAX_MISSED,
    fitting_thresholds,
    pool,
    shares,
)
from crack.inference.thresholds import Thresholds


def _answers(sound, cracked):
    sound, cracked = np.asarray(sound, float), np.asarray(cracked, float)
    return pd.DataFrame(
        {
            "is_crack": np.repeat([False, True], [len(sound), len(cracked)]),
            "probability": np.concatenate([sound, cracked]),
            "weight": np.repeat(
                [1 / len(sound), 1 / len(cracked)], [len(sound), len(cracked)]
            ),
        }
    )


def test_thresholds_keep_both_limits_and_leave_least_to_review():
    rng = np.random.default_rng(1)
    answers = _answers(rng.beta(1, 4, 500), rng.beta(4, 1, 400))
    found = fitting_thresholds(answers)
    told = shares(answers, found)
    assert told["false_alarms"] == pytest.approx(MAX_FALSE_ALARMS)
    assert told["missed"] == pytest.approx(MAX_MISSED)
    lower = shares(answers, Thresholds(found.no_crack, found.crack - 0.01))
    higher = shares(answers, Thresholds(found.no_crack + 0.01, found.crack))
    assert lower["false_alarms"] > MAX_FALSE_ALARMS
    assert higher["missed"] > MAX_MISSED


def test_equal_probabilities_count_together():
    # Of ten sound images all of one probability, none may be a false alarm.
    found = fitting_thresholds(_answers([0.6] * 10, [0.5] * 10 + [0.9] * 10))
    assert found.crack > 0.6
    assert found.no_crack == 0.5


def test_one_threshold_is_enough_where_the_classes_are_apart():
    answers = _answers(np.linspace(0, 0.2, 100), np.linspace(0.8, 1, 100))
    found = fitting_thresholds(answers)
    assert found.no_crack == found.crack == pytest.approx(0.5, abs=0.01)
    assert shares(answers, found)["review"] == 0


def test_shares_are_of_a_class_and_review_of_both():
    answers = _answers([0.05, 0.05, 0.5, 0.95], [0.05, 0.5, 0.95, 0.95])
    assert shares(answers, Thresholds(0.1, 0.9)) == {
        "false_alarms": 0.25,
        "missed": 0.25,
        "found": 0.5,
        "review": 0.25,
    }


def test_every_source_counts_the_same():
    pooled = pool(
        {"many": _answers([0.9] * 90, [0.9] * 90), "few": _answers([0.1], [0.9])}
    )
    assert shares(pooled, Thresholds(0.5, 0.5))["false_alarms"] == pytest.approx(0.5)
