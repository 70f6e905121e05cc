from __future__ import annotations

import numpy as np
import pytest
from plotly.colors import hex_to_rgb, sequential

from crack.inference.overlay import COLOUR_SCALE, overlay

GREY = np.full((50, 100, 3), 128, np.uint8)
CRACK_AT_LEFT = np.array([[20, -20]], np.float32)


def test_opacity_0_leaves_the_picture_as_it_is():
    assert np.array_equal(overlay(GREY, CRACK_AT_LEFT, 1.0, 0.0), GREY)


def test_intact_places_stay_as_photographed():
    overlaid = overlay(GREY, CRACK_AT_LEFT, 1.0, 1.0)
    assert np.array_equal(overlaid[:, 75:], GREY[:, 75:])


def test_a_certain_crack_takes_the_last_colour_at_full_opacity():
    overlaid = overlay(GREY, CRACK_AT_LEFT, 1.0, 1.0)
    assert (overlaid[:, :25] == COLOUR_SCALE[-1]).all()


def test_opacity_half_mixes_colour_and_picture_evenly():
    overlaid = overlay(GREY, CRACK_AT_LEFT, 1.0, 0.5)
    expected = (np.array(COLOUR_SCALE[-1]) + 128) / 2
    assert np.abs(overlaid[0, 0] - expected).max() <= 1


def colouring(overlaid: np.ndarray) -> np.ndarray:
    return np.abs(overlaid.astype(int) - 128).sum(2)[0]


def test_the_colour_grows_with_the_log_odds():
    ramp = np.linspace(-6, 6, 20, dtype=np.float32)[None]
    difference = colouring(overlay(GREY, ramp, 1.0, 0.6))
    assert difference[0] == 0 < difference[75] < difference[-1]


def test_a_sure_network_still_shows_where_the_crack_is_strongest():
    sure = np.array([[30, 60, 30]], np.float32)
    difference = colouring(overlay(GREY, sure, 1.0, 0.6))
    assert difference[50] > 1.5 * difference[5]


def test_an_improbable_crack_is_hardly_coloured():
    difference = colouring(overlay(GREY, CRACK_AT_LEFT, 0.01, 0.6))
    assert difference.max() <= 4


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (300, 200)])
def test_any_picture_keeps_its_size_and_is_not_changed(shape):
    image = np.zeros((*shape, 3), np.uint8)
    overlaid = overlay(image, np.full((5, 5), 9, np.float32), 1.0, 0.5)
    assert overlaid.shape == image.shape
    assert overlaid.dtype == np.uint8
    assert image.max() == 0


def test_extreme_log_odds_do_not_overflow():
    extreme = np.array([[-1e5, 1e5]], np.float32)
    assert np.array_equal(overlay(GREY, extreme, 1.0, 1.0)[0, 0], GREY[0, 0])


def test_the_colours_are_those_the_charts_call_plasma():
    assert tuple(hex_to_rgb(c) for c in sequential.Plasma) == COLOUR_SCALE


def test_lightness_rises_along_the_scale():
    lightness = np.array(COLOUR_SCALE) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()
