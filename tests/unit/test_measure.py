from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy import ndimage

from crack.data.measure import light_and_sharpness


def noise(height, width):
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("height", [1, 2, 255, 256, 257, 513, 700])
def test_strip_by_strip_the_numbers_are_those_of_the_whole(height):
    image = noise(height, 31)
    grey = image @ np.array([0.299, 0.587, 0.114])
    whole = grey.mean() / 255, grey.std() / 255, ndimage.laplace(grey).var()
    assert light_and_sharpness(image) == pytest.approx(whole, rel=1e-5)


def test_one_tone_has_no_contrast_and_no_sharpness():
    brightness, contrast, sharpness = light_and_sharpness(
        np.full((600, 900, 3), 201, np.uint8)
    )
    assert brightness == pytest.approx(201 / 255, rel=1e-6)
    assert (contrast, sharpness) == pytest.approx((0, 0), abs=1e-4)


def test_a_large_photo_is_measured_in_less_memory_than_itself():
    image = noise(4000, 400)
    tracemalloc.start()
    try:
        light_and_sharpness(image)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < image.nbytes
