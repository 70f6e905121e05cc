"""Where the thresholds of a model stand on the curves of an evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from crack.evaluation.curves import curves_of
from crack.evaluation.trade import answer_table
from crack.inference.prediction import Label
from crack.inference.thresholds import Thresholds
from crack.reporting.evaluation_figures import (
    precision_recall_figure,
    roc_figure,
    threshold_figure,
)
from crack.reporting.figure_style import CRACK, SOUND
from tests.scored import drawn, scored

# All cracks are above all sound images: the corners of its ROC curve are 0, 0 and 1.
APART = scored([True] * 11 + [False] * 11, np.linspace(0.99, 0.01, 22))
BLURRED = scored(
    [True] * 4 + [False] * 4,
    [0.99, 0.97, 0.6, 0.02, 0.98, 0.5, 0.02, 0.01],
    look=[True] + [False] * 6 + [True],
)


def points(figure):
    """Both x of the thresholds, both y, and what hovering over them says."""
    marks = figure.data[2]
    assert marks.name == "thresholds"
    return [*marks.x, *marks.y], list(marks.customdata)


@pytest.mark.parametrize("images", [APART, BLURRED, drawn(30), drawn(3000)])
@pytest.mark.parametrize("at", [Thresholds(0.05, 0.95), Thresholds(0.3, 0.7)])
def test_the_thresholds_stand_where_the_table_counts_them(images, at):
    curves, counts = curves_of(images, at), answer_table(images, at)
    cracked, sound = (sum(counts[truth].values()) for truth in (True, False))
    found, alarms = (counts[truth][Label.CRACK] for truth in (True, False))
    open_, unsure = (counts[truth][Label.REVIEW] for truth in (True, False))
    recall = [100 * (found + open_) / cracked, 100 * found / cracked]
    wrong = [100 * (alarms + unsure) / sound, 100 * alarms / sound]
    on_roc, _ = points(roc_figure({"m": curves.roc}))
    assert on_roc == pytest.approx(wrong + recall)
    called = found + open_ + alarms + unsure
    right = [100 * (found + open_) / called, 100 * found / (found + alarms)]
    figure = precision_recall_figure({"m": curves.precision_recall}, 0.5)
    assert points(figure)[0] == pytest.approx(recall + right)


def test_hovering_tells_the_answers_and_the_threshold():
    curves = curves_of(APART, Thresholds(0.05, 0.95))
    assert points(roc_figure({"m": curves.roc}))[1] == [
        "answered with crack or needs review, threshold 5 %",
        "answered with crack, threshold 95 %",
    ]


def test_without_an_answer_of_crack_there_is_no_precision_to_mark():
    curves = curves_of(APART, Thresholds(0.5, 1.0))
    assert len(curves.roc.marks) == 2
    assert [mark.threshold for mark in curves.precision_recall.marks] == [0.5]


def test_each_probability_of_a_few_images_can_be_hovered_over():
    curves = curves_of(APART, Thresholds(0.05, 0.95))
    for curve in (curves.roc, curves.precision_recall):
        assert set(APART.probability) <= set(curve.threshold)
    (_, line, _) = roc_figure({"m": curves.roc}).data
    assert line.customdata[0] == "no image counts as crack"
    assert line.customdata[1] == "from a probability of 99.0 % on"


def test_tens_of_thousands_of_images_give_a_small_figure():
    curves = curves_of(drawn(40_000), Thresholds(0.05, 0.95))
    for curve in (curves.roc, curves.precision_recall):
        assert len(curve.x) <= 400
    assert len(roc_figure({"m": curves.roc}).to_json()) < 60_000


def test_cracks_have_their_colour_where_thresholds_are_chosen():
    missed, alarms = threshold_figure(APART, Thresholds(0.05, 0.95)).data
    assert (missed.line.color, alarms.line.color) == (CRACK, SOUND)
