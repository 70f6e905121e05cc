from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.lined_walls import SIDE, add_lined_walls
from tools.default_crops import CRACK, SOUND
from tools.far_walls import FEATHER, blend, draw_far_walls, sound_wall


@pytest.fixture
def metu(tmp_path):
    def grey_noise(rng):
        return rng.integers(150, 170, (SIDE, SIDE, 3), np.uint8)

    return add_lined_walls(tmp_path / "metu", 6, grey_noise)


def images(metu, folder, count=8, stem="metu--far-train"):
    for class_name in (CRACK, SOUND):
        (folder / class_name).mkdir(parents=True)
    draw_far_walls(metu, metu.samples, count, stem, folder)
    return {
        class_name: [
            np.asarray(Image.open(path).convert("L"), float)
            for path in sorted((folder / class_name).iterdir())
        ]
        for class_name in (CRACK, SOUND)
    }


def test_a_wall_of_one_shade_shows_no_seams():
    wall = sound_wall(np.full((SIDE, SIDE, 3), 100, np.uint8), 500, 700)
    assert wall.shape == (500, 700, 3)
    np.testing.assert_allclose(wall, 100, rtol=1e-5)


def test_a_patch_is_blended_in_once_and_takes_the_shade_of_the_wall():
    wall = np.full((500, 700, 3), 100, np.float32)
    patch = np.full((SIDE, SIDE, 3), 180, np.uint8)
    patch[:, 100:110] = 60
    image = blend(wall, patch, np.random.default_rng(1))
    assert image[..., 0].max() == 100
    rows, columns = np.nonzero(image[..., 0] < 90)
    assert np.ptp(columns) == 9
    assert SIDE - 2 * FEATHER < np.ptp(rows) < SIDE


def test_only_the_cracked_ones_show_the_line_and_smaller_than_it_was(metu, tmp_path):
    made = images(metu, tmp_path / "made")
    assert [len(group) for group in made.values()] == [8, 8]
    assert all(image.shape == (SIDE, SIDE) for image in made[CRACK])
    dark = [(image < 90).mean() for image in made[CRACK]]
    assert 0 < min(dark) < max(dark) < 15 / SIDE
    assert all(image.min() > 90 for image in made[SOUND])


def test_the_same_images_are_made_again_and_others_for_another_part(metu, tmp_path):
    first, again = (images(metu, tmp_path / name) for name in ("first", "again"))
    other = images(metu, tmp_path / "other", stem="metu--far-val")
    np.testing.assert_array_equal(first[CRACK], again[CRACK])
    assert not np.array_equal(first[CRACK], other[CRACK])
