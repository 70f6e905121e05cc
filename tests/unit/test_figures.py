"""The figures say what the rows say, and not by colour alone."""

from __future__ import annotations

import pandas as pd
import pytest

from crack.reporting.figures import (
    class_balance_figure,
    class_title,
    compare_figure,
    history_figure,
)
from crack.reporting.phases import phase_boundary
from tests.runs import epoch_row


def rows(phases):
    return [epoch_row(epoch, phase) for epoch, phase in enumerate(phases, start=1)]


HISTORY = rows(["frozen", "frozen", "fine_tune"])


def trace(figure, name):
    return next(t for t in figure.data if t.name == name)


def test_history_shows_training_and_validation_in_percent():
    figure = history_figure("accuracy", HISTORY, epochs=4)
    assert list(trace(figure, "training").x) == [1, 2, 3]
    assert list(trace(figure, "validation").y) == [70, 85, 90]


def accuracies(*percent):
    return [
        {
            "epoch": epoch,
            "phase": "frozen",
            "accuracy": value / 100,
            "val_accuracy": value / 100,
        }
        for epoch, value in enumerate(percent, start=1)
    ]


@pytest.mark.parametrize(
    "draw",
    [
        lambda history: compare_figure({"a": history}, "val_accuracy"),
        lambda history: history_figure("accuracy", history, epochs=4, best_epoch=1),
    ],
    ids=["several runs", "one run"],
)
def test_an_accuracy_axis_ends_at_100_and_is_never_stretched(draw):
    low, high = draw(accuracies(100, 98.9)).layout.yaxis.range
    assert 100 <= high < 100.1
    assert high - low >= 5
    low, high = draw(accuracies(50, 70)).layout.yaxis.range
    assert low < 50
    assert 70 < high < 80
    low, high = draw(accuracies(0, 1)).layout.yaxis.range
    assert low == 0
    assert draw(accuracies(100)).data[0].cliponaxis is False


def test_the_phases_are_named_above_the_curves_and_below_the_legend():
    figure = history_figure("loss", HISTORY, epochs=4, boundary=2)
    for name in figure.layout.annotations:
        assert (name.y, name.yanchor) == (1, "bottom")
    assert figure.layout.legend.y > 1.1
    assert figure.layout.margin.t > 12  # room for them where there is no legend


def test_training_and_validation_differ_by_dash_and_marker():
    figure = history_figure("loss", HISTORY, epochs=4)
    train, val = trace(figure, "training"), trace(figure, "validation")
    assert train.line.dash != val.line.dash
    assert train.marker.symbol != val.marker.symbol


def test_best_epoch_and_boundary_are_marked():
    figure = history_figure("loss", HISTORY, epochs=4, boundary=2, best_epoch=3)
    assert list(trace(figure, "best epoch, kept").x) == [3]
    assert figure.layout.shapes[0].x0 == 2
    assert {a.text for a in figure.layout.annotations} == {"frozen", "fine-tune"}


def test_a_single_phase_has_no_boundary():
    figure = history_figure("loss", [], epochs=4, boundary=4)
    assert not figure.layout.shapes
    assert [a.text for a in figure.layout.annotations] == ["frozen"]


def test_history_draws_before_the_first_epoch_ends():
    steps = [{"position": 0.5, "loss": 0.7, "accuracy": 0.6}]
    figure = history_figure("accuracy", [], steps, epochs=2)
    assert list(trace(figure, "within the epoch").y) == [60]


def test_many_steps_are_thinned_to_ten_an_epoch():
    steps = [{"position": n / 500, "loss": 1.0, "accuracy": 0.5} for n in range(1000)]
    figure = history_figure("loss", [], steps, epochs=2)
    assert len(trace(figure, "within the epoch").x) == 20
    steps.append({"position": 1.999, "loss": 1.0, "accuracy": 0.5})
    again = history_figure("loss", [], steps, epochs=2)
    assert again.to_json() == figure.to_json()


def test_zoom_survives_a_redraw():
    first = history_figure("loss", HISTORY[:1], epochs=4)
    second = history_figure("loss", HISTORY, epochs=4)
    assert first.layout.uirevision == second.layout.uirevision is not None


def test_boundary_is_the_plan_until_fine_tuning_begins():
    assert phase_boundary([], 5) == 5
    assert phase_boundary(HISTORY[:2], 5) == 5
    assert phase_boundary(HISTORY, 5) == 2
    assert phase_boundary(rows(["fine_tune"]), 0) is None


def test_compared_runs_differ_by_dash_and_marker():
    figure = compare_figure({"a": HISTORY, "b": HISTORY[:1]}, "val_loss")
    first, second = figure.data
    assert (first.name, list(second.y)) == ("a", [0.6])
    assert first.line.dash != second.line.dash
    assert first.marker.symbol != second.marker.symbol


def test_class_balance_counts_each_split_and_hatches_the_crack_class():
    samples = pd.DataFrame(
        [("no", "val"), ("yes", "train"), ("no", "train"), ("yes", "train")],
        columns=["class", "split"],
    )
    figure = class_balance_figure(samples, ("no", "yes"), "yes")
    crack = trace(figure, "yes (crack)")
    assert list(crack.text) == ["2", "0"]
    assert crack.marker.pattern.shape == "/"
    assert not trace(figure, "no").marker.pattern.shape


def test_a_class_that_is_called_crack_is_not_marked_twice():
    assert class_title("crack", "crack") == "crack"
    assert class_title("Positive", "Positive") == "Positive (crack)"
    assert class_title("Negative", "Positive") == "Negative"
    assert class_title("no crack", "no crack") == "no crack (crack)"  # a mistake shows


def test_figures_let_the_page_shine_through():
    samples = pd.DataFrame({"class": ["no"], "split": ["all"]})
    figures = (
        history_figure("loss", [], epochs=1),
        compare_figure({}, "accuracy"),
        class_balance_figure(samples, ("no", "yes"), "yes"),
    )
    for figure in figures:
        assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
