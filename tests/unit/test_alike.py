"""The nearest images of a dataset, from features that are kept."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from crack.data.dataset import edit_dataset, load_dataset
from crack.data.importer import add_dataset
from crack.exploration.alike import images_alike
from crack.exploration.features import features_file, features_of
from tests.shades import write_shades


@pytest.fixture
def shades(tmp_path):
    """Eight pictures of one tone each, from dark to light, and a copy of the first."""
    folder = tmp_path / "shades"
    write_shades(folder)
    shutil.copy(folder / "crack" / "0.png", folder / "crack" / "copy.png")
    return add_dataset("shades", folder)


def test_nothing_is_looked_at_for_the_nearest(model_folder, shades):
    assert images_alike(model_folder, shades, "crack/0.png", 3) is None
    assert not features_file(model_folder).exists()


def test_the_nearest_come_first_without_the_copies(model_folder, shades):
    features_of(model_folder, shades, lambda *_: None)
    alike = images_alike(model_folder, shades, "crack/0.png", 3)
    assert [file for file, _ in alike.nearest] == [
        "sound/1.png",
        "crack/2.png",
        "sound/3.png",
    ]
    likeness = [value for _, value in alike.nearest]
    assert likeness == sorted(likeness, reverse=True)
    assert np.all(np.array(likeness) <= 1.001)
    assert alike.compared == 9


def test_what_was_left_out_is_not_among_the_nearest(model_folder, shades):
    features_of(model_folder, shades, lambda *_: None)
    edit_dataset("shades", "sound/1.png", "leave out")
    alike = images_alike(model_folder, load_dataset("shades"), "crack/0.png", 1)
    assert [file for file, _ in alike.nearest] == ["crack/2.png"]
    assert images_alike(model_folder, load_dataset("shades"), "gone.png", 1) is None
