from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from crack.evaluation.calibration import (
    MAX_TEMPERATURE,
    MIN_TEMPERATURE,
    expected_calibration_error,
    fit_calibration,
)

RNG = np.random.default_rng(17)


def drawn_truth(log_odds: np.ndarray) -> np.ndarray:
    """Truth for which the log-odds are exactly calibrated."""
    return RNG.random(len(log_odds)) < expit(log_odds)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("offset", [-2.0, 0.0, 1.5])
def test_a_known_temperature_and_offset_are_found(temperature, offset):
    log_odds = RNG.normal(0, 3, 20_000)
    truth = drawn_truth(log_odds)
    found = fit_calibration(log_odds * temperature + offset, truth)
    assert found[0] == pytest.approx(temperature, rel=0.05)
    assert found[1] == pytest.approx(offset, abs=0.15 * temperature)


def probabilities(log_odds: np.ndarray, truth: np.ndarray) -> np.ndarray:
    temperature, offset = fit_calibration(log_odds, truth)
    return expit((log_odds - offset) / temperature)


def test_calibration_lowers_the_calibration_error():
    log_odds = RNG.normal(0, 3, 20_000)
    truth = drawn_truth(log_odds)
    sure = log_odds * 4
    before = expected_calibration_error(truth, expit(sure))
    after = expected_calibration_error(truth, probabilities(sure, truth))
    assert after < before / 5


@pytest.mark.parametrize("n", [20, 100, 1000])
@pytest.mark.parametrize("margin", [2.0, 8.0, 15.0])
def test_n_right_answers_do_not_support_certainty(n, margin):
    truth = np.repeat([True, False], n)
    log_odds = np.where(truth, margin, -margin)
    probability = probabilities(log_odds, truth)[0]
    supported = (n + 1) / (n + 2)
    assert probability <= supported + 1e-4


def test_without_errors_the_probability_is_the_rule_of_succession():
    truth = np.repeat([True, False], 98)
    log_odds = np.where(truth, 9.0, -9.0)
    probability = probabilities(log_odds, truth)[0]
    assert probability == pytest.approx(0.99, abs=1e-4)


def test_the_temperature_stays_within_its_bounds():
    truth = np.repeat([True, False], 1000)
    nearly_zero = np.where(truth, 1e-3, -1e-3)
    assert fit_calibration(nearly_zero, truth)[0] >= MIN_TEMPERATURE
    always_wrong = np.where(truth, -9.0, 9.0)
    assert fit_calibration(always_wrong, truth)[0] <= MAX_TEMPERATURE


def test_a_rare_class_counts_as_much_as_the_other():
    scores = RNG.normal(0, 3, 20_000)
    truth = drawn_truth(scores)
    fewer = ~truth | (RNG.random(len(truth)) < 0.1)
    all_of_them = fit_calibration(scores, truth)
    assert fit_calibration(scores[fewer], truth[fewer]) == pytest.approx(
        all_of_them, abs=0.15
    )


@pytest.mark.parametrize("truth", [[], [True, True], [False]])
def test_one_class_alone_leaves_the_scores_as_they_are(truth):
    assert fit_calibration(np.ones(len(truth)), truth) == (1, 0)


def test_extreme_log_odds_do_not_overflow():
    truth = np.array([True, False, True, False])
    log_odds = np.array([1e5, -1e5, 1e5, 1e5])
    temperature, offset = fit_calibration(log_odds, truth)
    assert MIN_TEMPERATURE <= temperature <= MAX_TEMPERATURE
    assert np.isfinite(offset)


def test_the_calibration_error_is_the_weighted_gap():
    truth = [True, False, False, False, True, True]
    probability = [0.1, 0.1, 0.1, 0.1, 0.9, 0.9]
    error = expected_calibration_error(truth, probability)
    assert error == pytest.approx((4 * abs(0.25 - 0.1) + 2 * abs(1 - 0.9)) / 6)


def test_gaps_of_opposite_sign_do_not_cancel_between_bins():
    assert expected_calibration_error([True, False], [0.2, 0.8]) == pytest.approx(0.8)


def test_a_probability_of_one_falls_into_the_last_bin():
    assert expected_calibration_error([True], [1.0]) == 0


def test_no_samples_have_no_calibration_error():
    assert expected_calibration_error([], []) is None
