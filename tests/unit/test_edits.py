from __future__ import annotations

import pytest

from crack.data.dataset import edit_dataset, load_dataset
from crack.data.edits import EDITS_FILE
from crack.errors import CrackError


@pytest.fixture
def file(dataset):
    return dataset.samples["file"][0]


def of(file):
    samples = load_dataset("walls").samples
    return samples[samples["file"] == file]


def test_an_image_is_left_out_and_comes_back(dataset, file):
    edit_dataset("walls", file, "leave out")
    after = load_dataset("walls")
    assert len(after.samples) == len(dataset.samples) - 1
    assert of(file).empty
    assert after.edits == {file: "leave out"}
    assert after.fingerprint != dataset.fingerprint
    edit_dataset("walls", file, "undo")
    again = load_dataset("walls")
    assert again.edits == {}
    assert again.fingerprint == dataset.fingerprint


def test_a_label_becomes_the_other_one(dataset, file):
    before = of(file)["class"].item()
    edit_dataset("walls", file, "relabel")
    assert {before, of(file)["class"].item()} == set(dataset.class_names)
    assert load_dataset("walls").counts != dataset.counts
    assert dataset.path(file).exists()


def test_the_last_edit_counts(dataset, file):
    edit_dataset("walls", file, "leave out")
    edit_dataset("walls", file, "relabel")
    assert load_dataset("walls").edits == {file: "relabel"}


def test_a_damaged_file_is_told(dataset, crack_home):
    path = crack_home / "datasets/walls" / EDITS_FILE
    path.write_text('{"file": 1}\n')
    with pytest.raises(CrackError, match="edits of the dataset"):
        load_dataset("walls")


def test_a_dataset_that_is_not_there_has_no_edits():
    with pytest.raises(CrackError, match="no dataset named"):
        edit_dataset("walls", "a.png", "undo")
