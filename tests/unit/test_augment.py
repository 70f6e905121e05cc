from __future__ import annotations

import numpy as np
import pytest

from crack.data.augment import augmented_view, training_view

PHOTO = np.random.default_rng(17).integers(0, 256, (60, 80, 3), np.uint8)
VIEWS = range(1, 9)


def test_training_sees_a_square_that_depends_on_the_file():
    one, other = (training_view(PHOTO, 1, hash * 32, 32) for hash in ("a1", "b2"))
    assert one.shape == other.shape == (32, 32, 3)
    assert (one != other).any()
    again = training_view(PHOTO, 1, "a1" * 32, 32)
    np.testing.assert_array_equal(again, one)


def test_view_zero_is_the_image_itself():
    assert augmented_view(PHOTO, 0, key=5) is PHOTO


def test_a_view_is_the_same_at_every_call():
    for view in VIEWS:
        first, second = (augmented_view(PHOTO, view, key=5) for _ in range(2))
        np.testing.assert_array_equal(first, second)


def test_views_of_an_image_differ():
    contents = {augmented_view(PHOTO, view, key=5).tobytes() for view in VIEWS}
    assert len(contents) == len(VIEWS)


def test_each_image_has_its_own_variations():
    contents = {augmented_view(PHOTO, 1, key=key).tobytes() for key in range(8)}
    assert len(contents) == 8


def test_the_image_is_left_as_it_was():
    before = PHOTO.copy()
    augmented_view(PHOTO, 1, key=5)
    np.testing.assert_array_equal(PHOTO, before)


@pytest.mark.parametrize("shape", [(64, 64), (60, 240), (240, 60), (227, 227)])
def test_no_empty_corner_is_left_by_the_rotation(shape):
    plain = np.full((*shape, 3), 150, np.uint8)
    for key in range(40):
        view = augmented_view(plain, 1, key)
        # Pixels along the edge may be mixed with the empty ones beside them.
        inner = view[3:-3, 3:-3]
        assert np.ptp(inner, axis=(0, 1)).max() <= 3, key


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 300), (64, 64)])
def test_a_view_is_never_empty_nor_larger_than_the_image(shape):
    image = np.full((*shape, 3), 150, np.uint8)
    for key in range(20):
        view = augmented_view(image, 1, key)
        assert view.dtype == np.uint8
        assert view.ndim == 3
        assert view.shape[2] == 3
        assert min(view.shape[:2]) >= 1
        assert max(view.shape[:2]) <= max(shape)


def test_all_eight_orientations_occur():
    # One bright quadrant and one dark neighbour tell the eight orientations apart.
    image = np.full((64, 64, 3), 120, np.uint8)
    image[:32, :32] = 250
    image[:32, 32:] = 10
    seen = set()
    for key in range(120):
        view = augmented_view(image, 1, key).mean(2)
        middle_row, middle_column = (side // 2 for side in view.shape)
        quadrants = [
            view[rows, columns].mean()
            for rows in (slice(middle_row), slice(middle_row, None))
            for columns in (slice(middle_column), slice(middle_column, None))
        ]
        seen.add((int(np.argmax(quadrants)), int(np.argmin(quadrants))))
    assert seen >= {(0, 1), (0, 2), (1, 0), (1, 3), (2, 0), (2, 3), (3, 1), (3, 2)}


def test_light_varies_both_ways():
    plain = np.full((16, 16, 3), 100, np.uint8)
    means = [augmented_view(plain, 1, key).mean() for key in range(60)]
    assert 69 <= min(means) < 85
    assert 115 < max(means) <= 131
