"""The map of a dataset: colour, shape and order of its points."""

from __future__ import annotations

import numpy as np

from crack.reporting.figure_style import CLEAR, CRACK, GREY, SOUND, TOOLBAR
from crack.reporting.map_figure import map_figure, rows_of

PLACES = np.array([[0, 0], [1, 2], [np.nan, np.nan], [3, 1]], np.float32)
KINDS = np.array(["right", "wrong", "right", "not asked"], object)
ORDER = ("not asked", "right", "wrong")


def test_kinds_differ_by_colour_and_shape_and_the_unknown_is_grey():
    figure = map_figure(PLACES, KINDS, ORDER, "component", "not asked")
    names = [trace.name for trace in figure.data]
    assert names == ["not asked (1)", "right (1)", "wrong (1)"]
    assert len({trace.marker.color for trace in figure.data}) == 3
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    assert figure.data[0].marker.color == GREY
    assert {trace.type for trace in figure.data} == {"scattergl"}


def test_the_rows_of_a_trace_are_its_points_in_order():
    figure = map_figure(PLACES, KINDS, ORDER, "component", "not asked")
    for kind, trace in zip(ORDER, figure.data, strict=True):
        rows = rows_of(PLACES, KINDS, kind)
        np.testing.assert_array_equal(trace.x, PLACES[rows, 0])
    assert rows_of(PLACES, KINDS, "right").tolist() == [0]


def test_of_two_classes_the_second_is_drawn_as_cracks():
    kinds = np.array(["crack", "sound", "crack", "sound"], object)
    figure = map_figure(PLACES, kinds, ("sound", "crack"), "component")
    assert [trace.marker.color for trace in figure.data] == [SOUND, CRACK]


def test_the_tools_have_a_strip_of_their_own():
    layout = map_figure(PLACES, KINDS, ORDER, "component", "not asked").layout
    assert layout.margin.t >= TOOLBAR
    # Plotly's own colours are faint on a grey bar.
    assert (layout.modebar.bgcolor, layout.modebar.color) == (CLEAR, GREY)
    assert (layout.legend.yref, layout.legend.y) == ("container", 0)
