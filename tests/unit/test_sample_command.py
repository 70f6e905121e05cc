from __future__ import annotations

import json

import pytest

from crack.data.dataset import delete_dataset
from crack.synthetic.sample import NOTE

pytestmark = pytest.mark.usefixtures("shipped_models", "fake_drawing")


def test_the_sample_is_drawn_and_what_comes_next_is_told(crack, crack_home):
    status, out, err = crack("sample")
    assert (status, err) == (0, "")
    assert "Drawn: the dataset 'sample' with 12 crack, 12 no crack." in out
    assert NOTE in out
    assert f"2 large photos of whole walls are in {crack_home / 'sample/scenes'}" in out
    assert "python -m crack train sample" in out


def test_a_second_time_it_says_that_it_is_there_already(crack):
    crack("sample")
    assert "Already there: the dataset 'sample'" in crack("sample")[1]


def test_what_was_made_is_told_as_json(crack):
    first, again = (json.loads(crack("sample", "--json")[1]) for _ in range(2))
    assert (first["drawn"], again["drawn"]) == (True, False)
    assert first["counts"] == {"crack": 12, "no crack": 12}
    assert first["note"] == NOTE
    assert first["photos"] >= 3
    assert first["near_copies"] == 0
    assert len(first["scenes"]) == 2
    (listed,) = json.loads(crack("dataset", "list", "--json")[1])
    assert {**first, **listed} == first


def test_spoilt_photos_end_with_1_and_can_be_drawn_again(crack, crack_home):
    crack("sample")
    next((crack_home / "sample/scenes").iterdir()).unlink()
    status, out, err = crack("sample")
    assert (status, out) == (1, "")
    assert "1 of the sample photos were changed or lost" in err
    delete_dataset("sample")
    assert crack("sample")[0] == 0


def test_adding_a_folder_with_photos_tells_how_many(crack, patch_folder):
    rows = "file,photo\nPositive/00001.png,a\nNegative/00001.png,b\n"
    (patch_folder / "photos.csv").write_text(rows)
    assert "cut from 2 photos" in crack("dataset", "add", "walls", patch_folder)[1]


def test_a_judgement_on_drawn_photos_says_so(crack, model):
    crack("sample")
    _, out, err = crack("evaluate", "sample", "--json")
    assert json.loads(out)["dataset"] == "sample"
    assert NOTE in err
