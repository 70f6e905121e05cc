from __future__ import annotations

import numpy as np
import pytest

from crack.inference.photo_rule import photo_log_odds


def test_tiles_are_joined_by_their_odds_and_sizes_by_their_log_odds():
    fine, coarse = np.array([[3.0, -1, 0, 2]]), np.array([[1.0]])
    expected = (np.log(np.exp(fine).mean()) + 1.5 * 1) / 2.5
    assert photo_log_odds([coarse, fine]) == pytest.approx(expected)


def test_one_suspicious_tile_counts_less_among_more():
    few, many = np.full(10, -9.0), np.full(1000, -9.0)
    few[0] = many[0] = 6
    assert photo_log_odds([few]) > 2
    assert photo_log_odds([many]) < 0


def test_extreme_log_odds_do_not_overflow():
    assert photo_log_odds([np.array([[1e5, -1e5]])]) == pytest.approx(1e5, rel=1e-4)
