from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crack.adaptation import judged
from crack.adaptation.examples import Examples, HeadChange
from crack.adaptation.judged import Calibration, Judged, calibrated_with
from crack.evaluation.intervals import share_interval
from crack.inference.thresholds import Thresholds

UNCHANGED = HeadChange(np.zeros(1, np.float32), 0.0)


def examples(log_odds, is_crack):
    count = len(is_crack)
    return Examples(
        features=np.zeros((count, 1), np.float32),
        log_odds=np.asarray(log_odds, np.float64),
        is_crack=np.asarray(is_crack),
        group=np.arange(count),
        weight=np.ones(count),
        is_view=np.zeros(count, np.bool_),
    )


@pytest.fixture
def old():
    """500 images that a model tells apart well, and is rightly sure of."""
    rng = np.random.default_rng(1)
    truth = np.arange(500) % 2 == 0
    return examples(np.where(truth, 6, -6) + rng.normal(0, 3, 500), truth)


def temperature(new, old):
    return calibrated_with(new, new.log_odds, old, UNCHANGED).temperature


def test_a_dozen_photos_cannot_take_all_certainty_away(old, monkeypatch):
    rng = np.random.default_rng(2)
    doubtful = examples(rng.normal(0, 6, 12), np.arange(12) % 2 == 0)
    limited = temperature(doubtful, old)
    monkeypatch.setattr(judged, "_MOST_REPEATS", 1000)
    assert temperature(old, old) < limited < 0.6 * temperature(doubtful, old)


def test_many_photos_count_as_much_as_the_old_images(old, monkeypatch):
    rng = np.random.default_rng(2)
    doubtful = examples(rng.normal(0, 6, 200), np.arange(200) % 2 == 0)
    limited = temperature(doubtful, old)
    monkeypatch.setattr(judged, "_MOST_REPEATS", 1000)
    assert limited == temperature(doubtful, old)


def test_one_calibration_after_the_other_is_one():
    first, second = Calibration(2.0, 1.0), Calibration(0.5, -3.0)
    scores = np.array([-4.0, 0.0, 7.0])
    np.testing.assert_allclose(
        second.of(first.of(scores)), second.after(first).of(scores)
    )


def test_the_interval_of_a_result_counts_photos():
    photos = examples([3.0, 2.0, -1.0, -4.0], [True, True, True, False])
    photos = replace(photos, group=np.array([1, 1, 1, 2]))
    result = Judged(photos, photos.log_odds).result(Thresholds(0.05, 0.95))
    right = [True, True, False, True]
    assert result["accuracy_interval"] == list(share_interval(right, photos.group))
    assert result["interval_groups"] == 2
