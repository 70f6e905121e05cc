from __future__ import annotations

import json

import pandas as pd
import pytest
from PIL import Image

from crack.data.dataset import (
    check_dataset,
    dataset_names,
    delete_dataset,
    load_dataset,
)
from crack.data.importer import add_dataset
from crack.errors import CrackError


def test_an_added_dataset_is_loaded_as_it_was(dataset):
    loaded = load_dataset("walls")
    pd.testing.assert_frame_equal(loaded.samples, dataset.samples)
    assert loaded.counts == {"Negative": 12, "Positive": 12}
    assert loaded.fingerprint == dataset.fingerprint


def test_the_crack_class_is_the_marked_one_not_the_first_by_name(patch_folder):
    turned = add_dataset("turned", patch_folder, crack_class="Negative")
    assert turned.class_names == ("Negative", "Positive")
    assert turned.is_crack.sum() == 12
    assert (turned.is_crack == (turned.samples["class"] == "Negative")).all()


def test_every_sample_leads_to_its_file(dataset, patch_folder):
    for file in dataset.samples["file"]:
        path = dataset.path(file)
        assert path.is_file()
        assert path.is_relative_to(patch_folder.resolve())


def test_near_copies_are_counted(patch_folder):
    original = patch_folder / "Positive" / "00001.png"
    (original.parent / "copy.png").write_bytes(original.read_bytes())
    assert add_dataset("walls", patch_folder).near_copies == 2


def test_a_picture_in_both_classes_is_named_with_all_its_copies(patch_folder):
    original = patch_folder / "Positive" / "00001.png"
    for copy in ("Negative/b.png", "Positive/a.png"):
        (patch_folder / copy).write_bytes(original.read_bytes())
    twice = patch_folder / "Positive" / "00002.png"
    (patch_folder / "Positive" / "z.png").write_bytes(twice.read_bytes())
    assert add_dataset("walls", patch_folder).in_both_classes == [
        ["Negative/b.png", "Positive/00001.png", "Positive/a.png"]
    ]


def test_ordinary_images_are_in_one_class(dataset):
    assert dataset.in_both_classes == []


@pytest.mark.parametrize("class_names", [("1", "0"), ("NA", "crack"), ("nan", "1")])
def test_class_names_that_look_like_numbers_or_nothing_stay_text(
    patch_folder, class_names
):
    for old, new in zip(("Positive", "Negative"), class_names, strict=True):
        (patch_folder / old).rename(patch_folder / new)
    crack_class = class_names[0]
    dataset = add_dataset("odd", patch_folder, crack_class=crack_class)
    assert dataset.class_names == tuple(sorted(class_names))
    assert dataset.counts == dict.fromkeys(sorted(class_names), 12)
    assert dataset.is_crack.sum() == 12


def test_a_left_out_file_named_like_a_missing_value_keeps_its_name(patch_folder):
    (patch_folder / "NA").write_text("a note")
    dataset = add_dataset("walls", patch_folder)
    assert dataset.unreadable["file"].tolist() == ["NA"]


def test_the_fingerprint_follows_content_class_and_name_not_the_place(
    patch_folder, tmp_path
):
    before = add_dataset("a", patch_folder).fingerprint
    moved = patch_folder.rename(tmp_path / "moved")
    assert add_dataset("b", moved).fingerprint == before
    (moved / "Positive" / "00001.png").rename(moved / "Positive" / "x.png")
    renamed = add_dataset("c", moved).fingerprint
    (moved / "Positive" / "x.png").rename(moved / "Negative" / "x.png")
    other_class = add_dataset("d", moved).fingerprint
    Image.new("L", (9, 9)).save(moved / "Negative" / "x.png")
    other_content = add_dataset("e", moved).fingerprint
    assert len({before, renamed, other_class, other_content}) == 4


def test_an_unknown_dataset_is_told_with_those_there_are(dataset):
    with pytest.raises(CrackError, match=r"named 'wals'\. Known datasets: walls"):
        load_dataset("wals")


def test_without_datasets_none_are_known():
    assert dataset_names() == []
    with pytest.raises(CrackError, match="none yet"):
        load_dataset("walls")


def test_a_name_never_leads_out_of_the_datasets(dataset):
    for name in ("", ".", "..", "../datasets/walls", "x" * 5000, "\0"):
        for action in (load_dataset, delete_dataset):
            with pytest.raises(CrackError, match="There is no dataset named"):
                action(name)
    assert dataset_names() == ["walls"]


def test_a_dataset_that_is_being_made_is_not_listed(dataset, crack_home):
    folder = crack_home / "datasets" / "walls"
    folder.rename(folder.with_name(".walls.x1y2"))
    assert dataset_names() == []


def test_a_broken_index_is_told_and_can_be_deleted(dataset, crack_home):
    for content in ("", "{", "[]", "{}"):
        (crack_home / "datasets" / "walls" / "dataset.json").write_text(content)
        with pytest.raises(CrackError, match="index of the dataset 'walls'"):
            load_dataset("walls")
    delete_dataset("walls")
    assert dataset_names() == []


def test_an_index_without_one_of_its_files_is_told(dataset, crack_home):
    (crack_home / "datasets" / "walls" / "unreadable.csv").unlink()
    with pytest.raises(CrackError, match="index of the dataset 'walls'"):
        load_dataset("walls")


def test_deleting_leaves_the_images_the_user_pointed_at(dataset, patch_folder):
    delete_dataset("walls")
    assert dataset_names() == []
    assert len(list(patch_folder.rglob("*.png"))) == 24


def test_an_untouched_dataset_has_no_problems(dataset):
    calls = []
    problems = check_dataset(dataset, lambda *call: calls.append(call))
    assert problems.empty
    assert list(problems.columns) == ["file", "problem"]
    assert calls[-1] == ("Checking files", 24, 24)


def test_missing_and_changed_files_are_found(dataset, patch_folder):
    (patch_folder / "Positive" / "00001.png").unlink()
    with (patch_folder / "Negative" / "00002.png").open("ab") as file:
        file.write(b"\0")
    problems = check_dataset(dataset)
    assert sorted(problems.itertuples(index=False, name=None)) == [
        ("Negative/00002.png", "changed"),
        ("Positive/00001.png", "missing"),
    ]


def test_with_the_whole_folder_gone_every_file_is_missing(dataset, patch_folder):
    patch_folder.rename(patch_folder.with_name("elsewhere"))
    assert (check_dataset(dataset)["problem"] == "missing").sum() == 24


def test_images_of_a_zip_move_along_with_the_workspace(
    patch_folder, make_zip, crack_home, tmp_path, monkeypatch
):
    members = {
        f"wrapper/{p.parent.name}/{p.name}": p.read_bytes()
        for p in patch_folder.rglob("*.png")
    }
    add_dataset("walls", make_zip(members))
    monkeypatch.setenv("CRACK_HOME", str(crack_home.rename(tmp_path / "moved")))
    assert check_dataset(load_dataset("walls")).empty


def test_the_index_names_what_the_user_gave(dataset, patch_folder, crack_home):
    about = json.loads((crack_home / "datasets/walls/dataset.json").read_text())
    assert about["source"] == dataset.source == str(patch_folder)
