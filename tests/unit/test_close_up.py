from __future__ import annotations

import numpy as np
import pytest

from crack.inference.frames import with_frame
from crack.inference.overlay import overlay
from crack.inference.prediction import Region
from crack.reporting.close_up import close_up


def picture(width, height):
    rng = np.random.default_rng(5)
    return rng.integers(60, 200, (height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("region", "left", "top", "width", "height"),
    [
        (Region(300, 280, 160, 160, 0.9), 220, 200, 320, 320),
        (Region(0, 0, 160, 160, 0.9), 0, 0, 320, 320),
        (Region(840, 440, 160, 160, 0.9), 680, 280, 320, 320),
        (Region(500, 300, 40, 40, 0.9), 400, 200, 240, 240),
        (Region(0, 0, 1000, 600, 0.9), 0, 0, 1000, 600),
    ],
)
def test_a_region_comes_with_its_surroundings_and_stays_within_the_photo(
    region, left, top, width, height
):
    pixels = picture(1000, 600)
    part = close_up(pixels, np.ones((6, 10), np.float32), region)
    assert (part.left, part.top) == (left, top)
    shown = pixels[top : top + height, left : left + width]
    assert np.array_equal(part.picture, shown)
    assert part.heatmap.shape == (height, width)


def test_it_is_tinted_as_in_the_whole_photo():
    pixels = picture(640, 640)
    rng = np.random.default_rng(7)
    heatmap = rng.normal(0, 4, (20, 20)).astype(np.float32)
    whole = overlay(pixels, heatmap, 0.9, 0.6).astype(int)
    part = close_up(pixels, heatmap, Region(100, 200, 160, 160, 0.5))
    height, width, _ = part.picture.shape
    down, right = (
        slice(part.top, part.top + height),
        slice(part.left, part.left + width),
    )
    difference = np.abs(part.with_heatmap(0.9, 0.6) - whole[down, right])
    assert difference.max() <= 8  # out of 255: the map is scaled in one step, not two
    assert np.abs(part.with_heatmap(0.9, 0.6) - part.picture.astype(int)).max() > 50


def test_where_nothing_speaks_for_a_crack_nothing_is_tinted():
    pixels = picture(400, 400)
    heatmap = np.full((5, 5), -3, np.float32)
    part = close_up(pixels, heatmap, Region(0, 0, 160, 160, 0.1))
    assert np.array_equal(part.with_heatmap(0.1, 1.0), part.picture)


@pytest.mark.parametrize(
    "region", [Region(300, 280, 160, 160, 0.9), Region(0, 560, 40, 40, 0.9)]
)
def test_it_tells_where_the_region_is_in_its_surroundings(region):
    pixels = picture(1000, 600)
    part = close_up(pixels, np.ones((6, 10), np.float32), region)
    left, top, width, height = part.region
    there = part.picture[top : top + height, left : left + width]
    rows = slice(region.top, region.top + region.height)
    columns = slice(region.left, region.left + region.width)
    assert np.array_equal(there, pixels[rows, columns])


def test_a_frame_stands_around_the_region_and_hides_nothing_in_it():
    pixels = picture(240, 240)
    framed = with_frame(pixels, (80, 60, 100, 120))
    assert (framed[60, 80:180] == 255).all()
    assert (framed[60:180, 179] == 255).all()
    assert np.array_equal(framed[62:178, 82:178], pixels[62:178, 82:178])
    assert np.array_equal(framed[:50], pixels[:50])
