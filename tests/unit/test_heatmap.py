from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crack.inference.heatmap import find_regions, photo_heatmap, tile_log_odds
from crack.inference.photo_rule import photo_log_odds
from crack.inference.tiling import Level
from tests.cards import PLAIN
from tests.conftest import CELL

CARD = replace(PLAIN, image_size=160, temperature=2.0, offset=1.0)


def level(values: np.ndarray) -> Level:
    rows, columns = values.shape
    features = np.zeros((1, 1), np.float32)
    height, width = rows * CELL, columns * CELL
    return Level(height, width, values.astype(np.float32), features, CELL)


def test_a_single_tile_is_the_mean_of_its_map():
    values = np.arange(25).reshape(5, 5)
    tiles = tile_log_odds(level(values), 160)
    assert tiles.shape == (1, 1)
    assert photo_log_odds([tiles], 0.5) == pytest.approx(values.mean())


def test_a_map_smaller_than_a_tile_is_one_tile():
    assert tile_log_odds(level(np.ones((3, 5))), 160).shape == (1, 1)


def test_the_map_is_calibrated_and_leans_to_the_finer_sizes():
    fine, coarse = level(np.full((10, 10), 9.0)), level(np.full((5, 5), 1.0))
    found = photo_heatmap([coarse, fine], CARD)
    assert found.shape == (10, 10)
    np.testing.assert_allclose(found, ((3 * 9 + 1) / 4 - 1) / 2, rtol=1e-5)


def test_cells_that_reach_over_the_edge_are_cut_off_the_map():
    values = np.zeros((2, 2), np.float32)
    values[:, 0] = 8
    narrow = Level(64, 33, values, np.zeros((1, 1), np.float32), CELL)
    # Of the right cell only one pixel of 32 belongs to the photo.
    assert photo_heatmap([narrow], CARD).mean() > 2


def test_regions_lie_where_the_map_is_hottest_and_apart():
    values = np.full((20, 30), -8.0)
    values[2:7, 3:8] = 6
    values[12:17, 20:25] = 9
    where = level(values)
    tiles = [tile_log_odds(where, 160)]
    first, second, *others = find_regions([where], tiles, CARD, 640, 960)
    assert (first.left, first.top, first.width) == (20 * CELL, 12 * CELL, 160)
    assert (second.left, second.top, second.height) == (3 * CELL, 2 * CELL, 160)
    assert first.probability == pytest.approx(1 / (1 + np.exp(-4)))
    assert all(region.probability < second.probability for region in others)


def test_regions_are_in_pixels_of_the_photo():
    values = np.full((10, 10), -8.0)
    values[5:, 5:] = 8
    half = level(values)
    best = find_regions([half], [tile_log_odds(half, 160)], CARD, 640, 640)[0]
    assert (best.left, best.top, best.width, best.height) == (320, 320, 320, 320)


def test_a_tile_the_card_calls_sound_is_no_region():
    sound = level(np.full((10, 10), -8.0))
    assert find_regions([sound], [tile_log_odds(sound, 160)], CARD, 320, 320) == ()
