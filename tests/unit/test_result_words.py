"""Results in words say at what they were counted."""

from __future__ import annotations

from dataclasses import replace

from crack.evaluation.answer_counts import set_result
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
from tests.inspections import CARD

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
    assert "reaches 90 %." in how_counted(THRESHOLDS, 0.9)
    assert "a probability from 50 % on counts as crack" in how_counted(THRESHOLDS, 0.9)
    assert COUNTED == "if every probability from 50 % on counts as crack"


def test_a_share_comes_with_its_interval():
    said = share_right(0.95, 20)
    assert said.startswith("95.0 % right (95 % interval 76.4 % to ")


def test_what_an_imported_model_learned_from_is_not_known():
    metrics = {"test": {"n": 20, "accuracy": 0.9, "recall": 0.8}}
    known, imported = (
        results_of(replace(CARD, backbone=backbone, metrics=metrics))
        for backbone in ("surfaces", IMPORTED)
    )
    assert known[0].origin == LEARNED_FROM
    assert list(by_origin([*imported, *known])) == [LEARNED_FROM, MAY_KNOW]
