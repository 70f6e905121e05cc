"""Results in words say at what they were counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crack.evaluation.answer_counts import set_result
from crack.evaluation.metric_intervals import metric_intervals
from crack.evaluation.metrics import metrics_by_group
from crack.inference.thresholds import Thresholds
from crack.reporting.result_words import (
    COUNTED,
    LEARNED_FROM,
    MAY_KNOW,
    NEVER_SAW,
    by_origin,
    how_counted,
    results_of,
    share_right,
)
from crack.runs.backbones import IMPORTED
from crack.synthetic.sample import NOTE
from tests.inspections import CARD
from tests.scored import scored

THRESHOLDS = Thresholds(0.1, 0.9)


def entry(title: str, *, in_training: bool, kind: str = "photos") -> dict:
    numbers = set_result([True, False], [0.9, 0.95], THRESHOLDS)
    about = {"name": "x", "title": title, "kind": kind, "credit": ""}
    return {**about, "in_training": in_training, **numbers}


def test_each_test_set_is_a_row_at_home_apart_from_abroad():
    sets = [
        entry("Walls", in_training=True),
        entry("Roads", in_training=False),
        entry("Drawings", in_training=True, kind="drawn"),
    ]
    results = results_of(replace(CARD, metrics={"sets": sets}))
    groups = by_origin(results)
    assert list(groups) == [LEARNED_FROM, NEVER_SAW]
    assert groups[NEVER_SAW][0].row == (
        "Roads: 2 images",
        "50.0 % (9.5 % to 90.5 %)",
        "100 %",
        "1 of 1 (20.7 % to 100 %)",
    )
    assert groups[LEARNED_FROM][1].row[0] == "Drawings: 2 drawn images"


def test_a_model_without_results_has_none():
    assert results_of(CARD) == ()
    assert results_of(replace(CARD, metrics={"test": {"n": 0}})) == ()


def test_the_threshold_told_is_that_of_the_model():
    told = how_counted(results_of(CARD), THRESHOLDS, 0.9)
    assert "reaches 90 %." in told
    assert "a probability from 50 % on counts as crack" in told
    assert COUNTED == "if every probability from 50 % on counts as crack"


def test_a_share_comes_with_its_interval():
    said = share_right({"n": 20, "accuracy": 0.95})
    assert said.startswith("95.0 % right (95 % interval 76.4 % to ")
    assert said.endswith(", as if each image were from a photo of its own)")


def test_an_interval_counts_groups_of_photos_where_the_card_knows_them():
    truth = np.array([True] * 11 + [False] * 11)
    group = np.repeat([1, 2, 3, 4], [6, 5, 6, 5])
    metrics = metrics_by_group(truth, truth * 0.9, group)
    ends = metric_intervals(scored(truth, truth * 0.9, group=group))["accuracy"]
    assert metrics["accuracy_interval"] == [ends["low"], ends["high"]]
    assert share_right(metrics) == (
        "100 % right (95 % interval 51.0 % to 100 %, counting 4 groups of photos)"
    )
    known = results_of(replace(CARD, metrics={"test": metrics}))
    assert known[0].right == "100 % (51.0 % to 100 %)"
    assert how_counted(known, THRESHOLDS, 0.9).endswith("counting groups of photos.")
    del metrics["accuracy_interval"], metrics["interval_groups"]
    older = results_of(replace(CARD, metrics={"test": metrics}))
    assert older[0].right == "100 % (85.1 % to 100 %)"
    told = how_counted(older, THRESHOLDS, 0.9)
    assert told.endswith("as if each image were from a photo of its own.")


def test_a_number_measured_on_drawn_images_says_so_beside_it():
    metrics = {"test": {"n": 22, "accuracy": 1.0, "recall": 1.0}}
    drawn = replace(CARD, dataset={"name": "sample", "note": NOTE}, metrics=metrics)
    (result,) = results_of(drawn)
    assert result.row[0] == "test images of sample: 22 drawn images"
    (result,) = results_of(replace(drawn, dataset={"name": "walls"}))
    assert result.row[0] == "test images of walls: 22 images"


def test_what_an_imported_model_learned_from_is_not_known():
    metrics = {"test": {"n": 20, "accuracy": 0.9, "recall": 0.8}}
    known, imported = (
        results_of(replace(CARD, backbone=backbone, metrics=metrics))
        for backbone in ("surfaces", IMPORTED)
    )
    assert known[0].origin == LEARNED_FROM
    assert list(by_origin([*imported, *known])) == [LEARNED_FROM, MAY_KNOW]
