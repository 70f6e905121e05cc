from __future__ import annotations

import numpy as np
import pytest

from crack.inference.blocks import CELL, Level
from crack.inference.card import ModelCard, Thresholds
from crack.inference.crack_map import (
    crack_map,
    find_spots,
    photo_log_odds,
    tile_log_odds,
)

CARD = ModelCard(
    name="made up",
    created="2026-11-22",
    backbone="none",
    image_size=160,
    class_names=("crack", "sound"),
    crack_class="crack",
    temperature=2.0,
    offset=1.0,
    thresholds=Thresholds(0.05, 0.95),
    dataset={},
    metrics={},
)


def level(values: np.ndarray) -> Level:
    rows, columns = values.shape
    features = np.zeros((1, 1), np.float32)
    return Level(rows * CELL, columns * CELL, values.astype(np.float32), features)


def test_a_single_tile_is_the_mean_of_its_map():
    values = np.arange(25).reshape(5, 5)
    tiles = tile_log_odds(level(values), 160)
    assert tiles.shape == (1, 1)
    assert photo_log_odds([tiles]) == pytest.approx(values.mean())


def test_a_map_smaller_than_a_tile_is_one_tile():
    assert tile_log_odds(level(np.ones((3, 5))), 160).shape == (1, 1)


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


def test_the_map_is_calibrated_and_leans_to_the_finer_sizes():
    fine, coarse = level(np.full((10, 10), 9.0)), level(np.full((5, 5), 1.0))
    found = crack_map([coarse, fine], CARD)
    assert found.shape == (10, 10)
    np.testing.assert_allclose(found, ((3 * 9 + 1) / 4 - 1) / 2, rtol=1e-5)


def test_cells_that_reach_over_the_edge_are_cut_off_the_map():
    values = np.zeros((2, 2), np.float32)
    values[:, 0] = 8
    narrow = Level(64, 33, values, np.zeros((1, 1), np.float32))
    # Of the right cell only one pixel of 32 belongs to the photo.
    assert crack_map([narrow], CARD).mean() > 2


def test_spots_lie_where_the_map_is_hottest_and_apart():
    values = np.full((20, 30), -8.0)
    values[2:7, 3:8] = 6
    values[12:17, 20:25] = 9
    where = level(values)
    tiles = [tile_log_odds(where, 160)]
    first, second, *others = find_spots([where], tiles, CARD, 640, 960)
    assert (first.left, first.top, first.width) == (20 * CELL, 12 * CELL, 160)
    assert (second.left, second.top, second.height) == (3 * CELL, 2 * CELL, 160)
    assert first.probability == pytest.approx(1 / (1 + np.exp(-4)))
    assert all(spot.probability < second.probability for spot in others)


def test_spots_are_in_pixels_of_the_photo():
    values = np.full((10, 10), -8.0)
    values[5:, 5:] = 8
    half = level(values)
    best = find_spots([half], [tile_log_odds(half, 160)], CARD, 640, 640)[0]
    assert (best.left, best.top, best.width, best.height) == (320, 320, 320, 320)


def test_a_place_the_card_calls_sound_is_no_spot():
    sound = level(np.full((10, 10), -8.0))
    assert find_spots([sound], [tile_log_odds(sound, 160)], CARD, 320, 320) == ()
