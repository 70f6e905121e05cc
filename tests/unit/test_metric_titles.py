"""Every metric that is measured has a name for the reader."""

from __future__ import annotations

from typing import get_args

from crack.inference.results import Metrics
from crack.reporting.metric_titles import CURVES, SCORES
from crack.runs.records import Metric


def test_every_metric_of_an_evaluation_is_named_once():
    others = {"n", "confusion", "accuracy_interval", "interval_groups"}
    keys = [score.key for score in SCORES]
    assert sorted(keys) == sorted(set(Metrics.__annotations__) - others)
    assert len({score.title for score in SCORES}) == len(SCORES)


def test_every_column_of_a_history_has_a_curve():
    assert set(CURVES) == set(get_args(Metric))
    assert CURVES["val_loss"].full_title == "Validation loss"
    assert CURVES["accuracy"].scale == 100
