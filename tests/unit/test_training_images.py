"""The training images that look most like another one to a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crack.data.dataset import edit_dataset
from crack.data.importer import add_dataset
from crack.errors import CrackError
from crack.evaluation.holdout import SPLIT_FILE
from crack.exploration import training_images as looked_for
from crack.exploration.features import features_of
from crack.exploration.training_images import training_images
from crack.inference.card import ModelCard
from tests.shades import write_shades

TEST = ["crack/0.png", "sound/7.png"]


@pytest.fixture
def trained(model_folder, tmp_path):
    """Eight pictures of one tone each; the model was trained on six of them."""
    folder = tmp_path / "shades"
    write_shades(folder)
    dataset = add_dataset("shades", folder)
    split = dataset.samples[["file", "class"]].assign(group=dataset.groups)
    sides = np.where(split["file"].isin(TEST), "test", "train")
    split.assign(split=sides).to_csv(model_folder / SPLIT_FILE, index=False)
    about = {"name": "shades", "fingerprint": dataset.fingerprint}
    replace(ModelCard.read(model_folder), dataset=about).write(model_folder)
    return dataset


def features(folder, dataset, file):
    one = replace(dataset, samples=dataset.samples[dataset.samples["file"] == file])
    (row,) = features_of(folder, one, lambda *_: None)
    return row


def test_the_nearest_are_training_images_and_come_first(model_folder, trained):
    found = training_images(model_folder, lambda *_: None)
    nearest = found.nearest(features(model_folder, trained, "crack/0.png"), 3)
    assert [file for file, _ in nearest] == [
        "sound/1.png",
        "crack/2.png",
        "sound/3.png",
    ]
    likeness = [value for _, value in nearest]
    assert likeness == sorted(likeness, reverse=True)
    assert not set(found.dataset.samples["file"]) & set(TEST)


def test_each_is_looked_at_once(model_folder, trained):
    looked = []
    training_images(model_folder, lambda done, total: looked.append((done, total)))
    assert looked[-1] == (6, 6)
    looked.clear()
    training_images(model_folder, lambda done, total: looked.append((done, total)))
    assert looked == []


def test_of_many_some_are_compared(model_folder, trained, monkeypatch):
    monkeypatch.setattr(looked_for, "MOST_IMAGES", 4)
    found = training_images(model_folder, lambda *_: None)
    assert found.features.shape[0] == len(found.dataset.samples) == 4


def test_one_that_can_no_longer_be_read_is_left_out(model_folder, trained):
    trained.path("crack/2.png").write_bytes(b"no picture")
    found = training_images(model_folder, lambda *_: None)
    assert len(found.features) == 5
    assert "crack/2.png" not in set(found.dataset.samples["file"])


def test_a_dataset_that_has_changed_is_refused(model_folder, trained):
    edit_dataset("shades", "sound/1.png", "leave out")
    with pytest.raises(CrackError, match="has changed"):
        training_images(model_folder, lambda *_: None)


def test_a_dataset_that_is_not_here_is_refused(model_folder):
    with pytest.raises(CrackError, match="not on this computer"):
        training_images(model_folder, lambda *_: None)
