from __future__ import annotations

from dataclasses import replace

import pytest

from crack.data.importer import add_dataset
from crack.data.split import make_split, write_split
from crack.errors import CrackError
from crack.evaluation.holdout import (
    contents,
    fingerprints,
    judged_samples,
    seen_samples,
    write_seen,
)
from crack.inference.card import ModelCard


def trained_on(folder, dataset):
    about = {"fingerprint": dataset.fingerprint}
    replace(ModelCard.read(folder), dataset=about).write(folder)


def files(judged):
    return judged.samples["file"].tolist()


def test_a_dataset_the_model_does_not_know_is_split_anew(model_folder, dataset):
    judged = judged_samples(model_folder, dataset, "test")
    split = make_split(dataset, "grouped", seed=17)
    assert files(judged) == split.loc[split["split"] == "test", "file"].tolist()
    assert judged.remark == ""


def test_of_its_own_dataset_the_test_part_of_its_run_counts(model_folder, dataset):
    trained_on(model_folder, dataset)
    split = make_split(dataset, "grouped", seed=5)
    write_split(model_folder / "split.csv", split)
    write_seen(model_folder, dataset.samples["sha256"][:3])
    judged = judged_samples(model_folder, dataset, "test")
    assert files(judged) == split.loc[split["split"] == "test", "file"].tolist()


def test_of_a_dataset_it_has_seen_in_part_the_rest_counts(model_folder, dataset):
    write_seen(model_folder, dataset.samples["sha256"][:3])
    judged = judged_samples(model_folder, dataset, "test")
    assert files(judged) == dataset.samples["file"].tolist()[3:]
    assert "evaluated on the other 21" in judged.remark


def test_other_parts_of_a_photo_it_learned_from_are_seen(
    model_folder, dataset, patch_folder
):
    """They share no file with the parts that it learned from."""
    rows = [
        f"{file},wall {number % 4},{str(number % 4) * 64}"
        for number, file in enumerate(dataset.samples["file"])
    ]
    table = "\n".join(["file,photo,photo_sha256", *rows, ""])
    (patch_folder / "photos.csv").write_text(table.replace("3" * 64, ""))
    parts = add_dataset("parts", patch_folder)
    first = parts.samples[parts.samples["photo"] == "wall 1"][:1]
    assert contents(first) == [*first["sha256"], "1" * 64]
    write_seen(model_folder, contents(first)[1:])
    seen = parts.samples.loc[seen_samples(model_folder, parts), "photo"]
    assert set(seen) == {"wall 1"}
    assert len(seen) == 6
    assert not seen_samples(model_folder, dataset).any()
    # A whole photo as an image is known by the same number.
    write_seen(model_folder, ["2" * 64, *dataset.samples["sha256"][:1]])
    assert seen_samples(model_folder, parts).sum() == 12
    assert seen_samples(model_folder, dataset).sum() == 1


def test_all_means_all_with_a_remark_on_what_was_seen(model_folder, dataset):
    write_seen(model_folder, dataset.samples["sha256"][:3])
    judged = judged_samples(model_folder, dataset, "all")
    assert files(judged) == dataset.samples["file"].tolist()
    assert "3 of these 24 samples" in judged.remark


def test_without_an_unseen_image_there_is_nothing_to_judge_on(model_folder, dataset):
    write_seen(model_folder, dataset.samples["sha256"])
    with pytest.raises(CrackError, match="has seen all of 'walls'"):
        judged_samples(model_folder, dataset, "test")
    trained_on(model_folder, dataset)
    with pytest.raises(CrackError, match="'model' has no split"):
        judged_samples(model_folder, dataset, "test")


def test_fingerprints_tell_whether_two_models_learned_from_the_same(
    model_folder, dataset
):
    (model_folder / "seen.npy").unlink(missing_ok=True)
    assert fingerprints(model_folder) == {}
    split = make_split(dataset, "grouped", seed=5)
    write_split(model_folder / "split.csv", split)
    write_seen(model_folder, dataset.samples["sha256"][:3])
    found = fingerprints(model_folder)
    assert [len(text) for text in found.values()] == [16, 16]
    write_split(model_folder / "split.csv", split[::-1])  # the same in another order
    write_seen(model_folder, dataset.samples["sha256"][2::-1])
    assert fingerprints(model_folder) == found
    write_split(model_folder / "split.csv", make_split(dataset, "grouped", seed=6))
    write_seen(model_folder, dataset.samples["sha256"][:4])
    assert not set(fingerprints(model_folder).values()) & set(found.values())
