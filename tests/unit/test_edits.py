from __future__ import annotations

import pytest

from crack.data.dataset import edit_dataset, load_dataset, undo_edits
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
    assert after.changes == {file: "leave out"}
    assert after.fingerprint != dataset.fingerprint
    edit_dataset("walls", file, "undo")
    again = load_dataset("walls")
    assert again.changes == {}
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
    assert load_dataset("walls").changes == {file: "relabel"}


def test_what_is_kept_is_remembered_and_changes_nothing(dataset, file):
    edit_dataset("walls", file, "keep", "dark")
    after = load_dataset("walls")
    assert after.kept == {(file, "dark")}
    assert after.changes == {}
    assert after.fingerprint == dataset.fingerprint


def test_a_kept_image_keeps_its_new_label_until_all_is_undone(dataset, file):
    edit_dataset("walls", file, "relabel")
    edit_dataset("walls", file, "keep", "dark")
    edit_dataset("walls", file, "keep", "blurred")
    after = load_dataset("walls")
    assert after.changes == {file: "relabel"}
    assert after.kept == {(file, "dark"), (file, "blurred")}
    edit_dataset("walls", file, "undo")
    assert load_dataset("walls").edits == ()


def test_all_is_undone_at_once(dataset):
    one, other, third = dataset.samples["file"][:3]
    edit_dataset("walls", one, "relabel")
    edit_dataset("walls", other, "leave out")
    edit_dataset("walls", third, "keep", "dark")
    undo_edits("walls")
    after = load_dataset("walls")
    assert after.edits == ()
    assert after.fingerprint == dataset.fingerprint


def test_an_edit_says_when_and_by_whom(dataset, file, monkeypatch):
    monkeypatch.setenv("CRACK_STARTED_BY", "engineer ada@example.org")
    edit_dataset("walls", file, "leave out")
    (edit,) = load_dataset("walls").edits
    assert edit["by"] == "ada@example.org"
    assert edit["given"].startswith("20")


def test_a_file_of_an_earlier_version_is_read(dataset, file, crack_home):
    row = f'{{"file": "{file}", "action": "relabel", "given": "2026-11-01T08:00:00"}}'
    (crack_home / "datasets/walls" / EDITS_FILE).write_text(f"{row}\n")
    assert load_dataset("walls").changes == {file: "relabel"}


def test_a_damaged_file_is_told(dataset, crack_home):
    path = crack_home / "datasets/walls" / EDITS_FILE
    path.write_text('{"file": 1}\n')
    with pytest.raises(CrackError, match="edits of the dataset"):
        load_dataset("walls")


def test_a_dataset_that_is_not_there_has_no_edits():
    with pytest.raises(CrackError, match="no dataset named"):
        edit_dataset("walls", "a.png", "undo")
