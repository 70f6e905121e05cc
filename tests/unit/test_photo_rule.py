from __future__ import annotations

import numpy as np
import pytest

from crack.inference.photo_rule import STRONGEST_WEIGHT, photo_log_odds, tile_weights


def test_tiles_are_joined_by_their_odds_and_sizes_by_their_log_odds():
    fine, coarse = np.array([[3.0, -1, 0, 2]]), np.array([[1.0]])
    expected = (np.log(np.exp(fine).mean()) + 1.5 * 1) / 2.5
    assert photo_log_odds([coarse, fine], 0) == pytest.approx(expected)


def test_one_suspicious_tile_counts_less_among_more():
    few, many = np.full(10, -9.0), np.full(1000, -9.0)
    few[0] = many[0] = 6
    assert photo_log_odds([few], 0) > 2
    assert photo_log_odds([many], 0) < 0


@pytest.mark.parametrize("strongest_weight", [0, 0.5, 1])
def test_one_tile_at_one_size_keeps_its_log_odds(strongest_weight):
    assert photo_log_odds([np.array([[1.5]])], strongest_weight) == pytest.approx(1.5)


def test_a_crack_counts_nearly_the_same_on_a_wall_80_times_as_large():
    small, large = np.full(36, -4.0), np.full(2_900, -4.0)
    small[0] = large[0] = 9
    lost = photo_log_odds([small], STRONGEST_WEIGHT) - photo_log_odds(
        [large], STRONGEST_WEIGHT
    )
    assert 0 < lost < 1.5
    assert photo_log_odds([small], 0) - photo_log_odds([large], 0) > 4


def test_extreme_log_odds_do_not_overflow():
    assert photo_log_odds([np.array([[1e5, -1e5]])], 0.5) == pytest.approx(
        1e5, rel=1e-4
    )


def test_the_weights_of_the_tiles_are_the_slope_of_the_rule():
    rng = np.random.default_rng(4)
    tiles = [rng.normal(0, 2, size) for size in ((1, 1), (2, 3), (6, 8))]
    weights = tile_weights(tiles, STRONGEST_WEIGHT)
    assert sum(level.sum() for level in weights) == pytest.approx(1)
    for level, of_level in zip(tiles, weights, strict=True):
        level[-1, -1] += 1e-4
        up = photo_log_odds(tiles, STRONGEST_WEIGHT)
        level[-1, -1] -= 2e-4
        slope = (up - photo_log_odds(tiles, STRONGEST_WEIGHT)) / 2e-4
        level[-1, -1] += 1e-4
        assert of_level[-1, -1] == pytest.approx(slope, abs=1e-4)
