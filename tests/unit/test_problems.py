"""What may be wrong with a dataset, as lists to look through."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crack.data.dataset import Dataset
from crack.exploration.honesty import honesty
from crack.exploration.judgement import Judgement
from crack.exploration.problems import problems

SIDE = 160
N = 40


@pytest.fixture
def photos(tmp_path):
    """Forty images with nothing wrong."""
    samples = pd.DataFrame(
        {
            "file": [f"{'ab'[n % 2]}/{n:02d}.png" for n in range(N)],
            "class": ["ab"[n % 2] for n in range(N)],
            "width": 200,
            "height": 220,
            "sha256": [f"{n:064x}" for n in range(N)],
            "brightness": 0.5,
            "contrast": 0.1,
            "sharpness": 100.0,
            "group": range(N),
        }
    )
    unreadable = pd.DataFrame(columns=["file", "reason"])
    return Dataset(
        "walls", tmp_path, ("a", "b"), "b", samples, unreadable, "here", "2026-11-01"
    )


@pytest.fixture
def judged(photos):
    sure = np.where(photos.is_crack, 0.9, 0.1).astype(np.float32)
    near = np.linspace(1, 2, N, dtype=np.float32)
    return Judgement(sure, near, np.full(N, np.inf, np.float32), up_to_date=True)


def rows(dataset, judgement=None):
    """Return the rows of each list by its key."""
    return {p.key: p.rows for p in problems(dataset, SIDE, judgement)}


def test_a_good_dataset_has_empty_lists(photos, judged):
    assert set(rows(photos, judged).values()) == {()}
    for problem in problems(photos, SIDE, judged):
        assert problem.meaning.endswith(".")
        assert problem.open_rows(photos) == []


def test_what_only_a_network_sees_is_not_known_before(photos):
    unknown = {key for key, found in rows(photos).items() if found is None}
    assert unknown == {"blurred", "label", "outlier"}


@pytest.mark.parametrize(
    ("key", "column", "values"),
    [
        ("dark", "brightness", (0.08, 0.05)),
        ("overexposed", "brightness", (0.95, 0.97)),
        ("small", "width", (95, 40)),
    ],
)
def test_faults_of_the_light_and_size_are_found_worst_first(
    photos, key, column, values
):
    photos.samples[column] = photos.samples[column].astype(float)
    photos.samples.loc[[3, 7], column] = values
    found = rows(photos)
    assert found.pop(key) == (("b/07.png",), ("b/03.png",))
    assert not any(found.values())


def test_copies_lie_in_one_row(photos):
    photos.samples.loc[5, "sha256"] = photos.samples.loc[3, "sha256"]
    photos.samples.loc[5, "group"] = 3
    photos.samples.loc[[10, 12, 14], "group"] = 10
    photos.samples.loc[[20, 21], "group"] = 20
    found = rows(photos)
    assert found["exact"] == (("b/03.png", "b/05.png"),)
    assert found["near"] == (
        ("a/10.png", "a/12.png", "a/14.png"),
        ("a/20.png", "b/21.png"),
    )
    assert found["both"] == (("a/20.png", "b/21.png"),)


def test_labels_and_outliers_and_blur_come_from_the_judgement(photos, judged):
    crack, strange, sharp = judged.crack, judged.strangeness, judged.sharpness
    crack[[4, 5]] = 0.6, 0.05
    strange[9] = 30
    sharp[[1, 2]] = 0.11, 0.13
    crack[30] = strange[30] = sharp[30] = np.nan
    found = rows(photos, judged)
    assert found["label"] == (("b/05.png",), ("a/04.png",))
    assert found["outlier"] == (("b/09.png",),)
    assert found["blurred"] == (("b/01.png",),)
    (labels,) = (p for p in problems(photos, SIDE, judged) if p.key == "label")
    assert labels.remarks == (
        "probability of its label 5.0 %",
        "probability of its label 40.0 %",
    )
    assert np.flatnonzero(labels.among(photos.samples["file"])).tolist() == [4, 5]


def test_what_was_looked_at_is_closed(photos):
    photos.samples.loc[[3, 7, 11], "brightness"] = 0.05
    photos.samples.loc[[10, 12], "group"] = 10

    def edit(file, action, problem=""):
        told = {"file": file, "action": action, "given": "2026-11-01T08:00:00"}
        return {**told, "problem": problem}

    edits = (
        edit("b/03.png", "keep", "dark"),
        edit("b/07.png", "keep", "label"),
        edit("b/11.png", "relabel"),
        edit("a/10.png", "keep", "near"),
    )
    seen = replace(photos, edits=edits)
    by_key = {p.key: p for p in problems(seen, SIDE, None)}
    assert by_key["dark"].open_rows(seen) == [1]
    assert by_key["near"].open_rows(seen) == [0]
    assert by_key["label"].open_rows(seen) == []


def parts(dataset, **by_part):
    """Return a split: numbers of samples by part, the others in train."""
    part = {n: name for name, numbers in by_part.items() for n in numbers}
    names = [part.get(n, "train") for n in range(N)]
    return dataset.samples[["file"]].assign(split=names)


def test_a_test_without_copies_is_honest(photos):
    found = honesty(photos, parts(photos, test=[0, 1], val=[2]))
    assert (found.test, found.copied, found.same_photo) == (2, 0, 0)
    assert found.pairs == ()


def test_copies_in_train_are_counted_and_shown_exact_ones_last(photos):
    samples = photos.samples
    samples.loc[[0, 10], "group"] = 0
    samples.loc[0, "sha256"] = samples.loc[10, "sha256"]
    samples.loc[[1, 11, 13], "group"] = 1
    samples.loc[[2, 3], "group"] = 2  # val and test: neither is trained on
    found = honesty(photos, parts(photos, test=[0, 1, 2], val=[3]))
    assert found.copied == 2
    assert found.pairs == (("b/11.png", "b/01.png"), ("a/10.png", "a/00.png"))


def test_images_of_one_photo_are_told_from_copies(photos):
    photos.samples["photo"] = ""
    photos.samples.loc[[4, 20, 5, 21], "photo"] = ["p", "p", "q", "q"]
    photos.samples.loc[[5, 21], "group"] = 5
    found = honesty(photos, parts(photos, test=[4, 5, 6]))
    assert (found.test, found.copied, found.same_photo) == (3, 1, 1)
