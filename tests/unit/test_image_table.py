"""One row per image, filtered and sorted; the nearest images; distributions."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pandas as pd
import pytest

from crack.evaluation.scored import ScoredImages
from crack.exploration.table import (
    NO_SPLIT,
    Answers,
    Wanted,
    filtered,
    image_table,
    ordered,
    problem_names,
)
from crack.inference.thresholds import Thresholds
from crack.reporting.distribution_figure import MEASURES, distribution_figure


@pytest.fixture
def split(dataset):
    """The first six images are for the test; the last is in no part."""
    rows = dataset.samples[["file"]].iloc[:-1]
    parts = ["test"] * 6 + ["train"] * (len(rows) - 6)
    return rows.assign(split=parts)


@pytest.fixture
def answers(dataset):
    """A model that says 0.05, 0.45 or 0.95, of all images but the first."""
    samples = dataset.samples.iloc[1:]
    n = len(samples)
    probability = np.resize([0.05, 0.45, 0.95], n)
    images = ScoredImages(
        file=tuple(samples["file"]),
        is_crack=dataset.is_crack[1:],
        group=np.arange(n),
        probability=probability,
        strongest=probability,
        look=np.zeros(n, np.bool_),
        source=("",) * n,
    )
    return Answers(images, Thresholds(no_crack=0.1, crack=0.9))


@pytest.fixture
def table(dataset, split, answers):
    third = np.arange(len(dataset.samples)) % 3 == 0
    return image_table(
        dataset, split, {"Dark": third, "None has it": third & ~third}, answers
    )


def test_a_table_has_the_part_of_each_image(dataset, split):
    table = image_table(dataset, split, {})
    assert table["file"].tolist() == dataset.samples["file"].tolist()
    assert table["split"].value_counts().to_dict() == {
        "train": 17,
        "test": 6,
        NO_SPLIT: 1,
    }
    assert set(image_table(dataset, None, {})["split"]) == {NO_SPLIT}
    assert "side" not in dataset.samples  # shared, so it must not change


def test_problems_without_images_are_not_named(table):
    assert problem_names(table) == {"Dark": 8}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), lambda t: t["file"] != ""),
        (Wanted(class_name="Positive"), lambda t: t["class"] == "Positive"),
        (Wanted(part="test"), lambda t: t["split"] == "test"),
        (Wanted(problem="Dark"), lambda t: t.index % 3 == 0),
        (Wanted(problem="unknown"), lambda t: t["file"] != ""),
        (Wanted(answer="review"), lambda t: t["probability"] == 0.45),
        (
            Wanted(right=True),
            lambda t: (
                (t["class"] == "Positive") & (t["probability"] > 0.5)
                | (t["class"] == "Negative") & (t["probability"] < 0.5)
            ),
        ),
        (
            Wanted(right=False),
            lambda t: (
                (t["class"] == "Negative") & (t["probability"] > 0.5)
                | (t["class"] == "Positive") & (t["probability"] < 0.5)
            ),
        ),
        (
            Wanted(intervals={"probability": (0.45, inf)}),
            lambda t: t["probability"] >= 0.45,
        ),
        (
            Wanted(intervals={"brightness": (-inf, 0.6), "side": (65, inf)}),
            lambda t: t["file"] == "",
        ),
        (
            Wanted(part="train", intervals={"brightness": (-inf, 0.6)}),
            lambda t: (t["split"] == "train") & (t["brightness"] <= 0.6),
        ),
    ],
)
def test_only_wanted_images_are_left(table, wanted, expected):
    found = filtered(table, wanted)
    assert found["file"].tolist() == table["file"][expected(table)].tolist()


def test_chosen_files_are_left(table):
    some = frozenset(table["file"].iloc[[3, 7]]) | {"gone.png"}
    assert filtered(table, Wanted(files=some)).index.tolist() == [3, 7]
    assert filtered(table, Wanted(files=frozenset())).empty


def test_answers_count_by_the_label_of_today(dataset, split, answers):
    other = {"Positive": "Negative", "Negative": "Positive"}
    swapped = dataset.samples.assign(**{"class": dataset.samples["class"].map(other)})
    before = image_table(dataset, split, {}, answers)
    object.__setattr__(dataset, "samples", swapped)
    after = image_table(dataset, split, {}, answers)
    assert after["right"].tolist() == before["wrong"].tolist()


def test_images_that_a_model_was_not_asked_about_have_no_answer(table):
    first = table.iloc[0]
    assert np.isnan(first["probability"])
    assert (first["answer"], first["right"], first["wrong"]) == ("", False, False)


def test_without_answers_their_filters_are_no_condition(dataset, split):
    table = image_table(dataset, split, {})
    wanted = Wanted(answer="crack", right=True, intervals={"probability": (0.5, inf)})
    assert len(filtered(table, wanted)) == len(table)


def test_equal_rows_stay_in_their_order_and_unknown_ones_come_last():
    table = pd.DataFrame({"file": list("abcd"), "probability": [0.5, nan, 0.5, 0.9]})
    down = ordered(table, "probability", ascending=False)
    assert "".join(down["file"]) == "dacb"
    assert "".join(ordered(table, "probability", ascending=True)["file"]) == "acdb"


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.column)
def test_a_distribution_counts_every_image_once(table, measure):
    figure = distribution_figure(table, measure, ("Negative", "Positive"), "Positive")
    assert [sum(trace.y) for trace in figure.data] == [12, 12]
    assert [trace.name for trace in figure.data] == ["Negative", "Positive (crack)"]
    assert len(figure.to_json()) < 30_000


def test_a_brush_over_a_logarithmic_axis_finds_the_values_it_shows():
    sharpness = next(m for m in MEASURES if m.column == "sharpness")
    places = sharpness.on_axis(pd.Series([0.0, 1.0, 100.0]))
    assert places.tolist() == [-1, 0, 2]
