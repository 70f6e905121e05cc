from __future__ import annotations

import numpy as np
import pytest

from crack.data.pyramid import image_pyramid, scales_for
from crack.errors import CrackError

TILE = 160


@pytest.mark.parametrize(
    ("shorter", "sides"),
    [
        (227, [160, 320]),
        (160, [160, 320]),
        (100, [160, 320]),
        (320, [160, 320]),
        (448, [224, 448, 896]),
        (720, [320, 640, 1280]),
        (1280, [320, 640, 1280]),
        (3000, [750, 1500, 3000]),
    ],
)
def test_the_sizes_of_a_photo(shorter, sides):
    scales = scales_for(shorter, 2 * shorter, TILE)
    assert [round(scale * shorter) for scale in scales] == sides


@pytest.mark.parametrize("shorter", [1, 39, 160, 321, 1279, 1281, 10_000])
@pytest.mark.parametrize("tile", [32, 96, 160, 224])
def test_each_size_is_twice_the_one_before_and_a_tile_at_least(shorter, tile):
    scales = scales_for(shorter, shorter, tile)
    assert 1 <= len(scales) <= 3
    assert np.allclose(np.divide(scales[1:], scales[:-1]), 2)
    assert scales[-1] >= 1
    assert len(scales) == 1 or scales[0] * shorter >= tile * 0.999


def test_the_sizes_do_not_depend_on_how_the_photo_is_held():
    assert scales_for(900, 300, TILE) == scales_for(300, 900, TILE)


def test_a_known_scale_is_taken_alone_within_what_makes_sense():
    assert scales_for(3000, 4000, TILE, 0.4) == (0.4,)
    assert scales_for(3000, 4000, TILE, 0.001) == (TILE / 3000,)
    assert scales_for(300, 400, TILE, 50) == (4,)


def test_a_thin_strip_is_stretched_to_a_tile():
    image = np.zeros((1, 5000, 3), np.uint8)
    (only,) = image_pyramid(image, scales_for(1, 5000, TILE), TILE)
    assert only.shape == (TILE, 20_000, 3)


def test_the_sizes_come_fine_to_coarse_and_native_pixels_are_kept():
    image = np.random.default_rng(1).integers(0, 255, (1400, 1300, 3), np.uint8)
    fine, half, quarter = image_pyramid(image, scales_for(1400, 1300, TILE), TILE)
    assert fine is image
    assert half.shape == (700, 650, 3)
    assert quarter.shape == (350, 325, 3)


@pytest.mark.parametrize("fitting", [None, 0.5, 4.0, 100.0])
@pytest.mark.parametrize(
    "size", [(3000, 4000), (100, 1_000), (100, 700_000), (640, 187_000), (1, 50_000)]
)
def test_no_size_has_more_pixels_than_a_large_photo(size, fitting):
    height, width = size
    scale = scales_for(height, width, TILE, fitting)[-1]
    high, wide = max(TILE, height * scale), max(TILE, width * scale)
    assert high * wide <= max(20_000_000, TILE * width, height * width) * 1.01


def test_a_strip_too_thin_to_be_enlarged_is_refused():
    with pytest.raises(CrackError, match="too thin a strip"):
        scales_for(1, 100_000_000, TILE)
