from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from crack.inference.prediction import Label
from crack.reporting.figure_style import CLEAR, GREY, TOOLBAR
from crack.reporting.photo_figure import Frame, drawn_box, photo_figure

PICTURE = np.full((30, 40, 3), 120, np.uint8)
WHOLE = (0, 0, 4000, 3000)
FRAMES = (
    Frame((100, 200, 320, 320), "1 Crack", Label.CRACK),
    Frame((1000, 200, 320, 320), "2 No crack", Label.NO_CRACK),
    Frame((2000, 200, 320, 320), "3", None),
)


def test_the_photo_lies_under_the_axes_in_its_own_pixels():
    figure = photo_figure(PICTURE, WHOLE, ())
    (image,) = figure.layout.images
    assert (image.x, image.y, image.sizex, image.sizey) == WHOLE
    assert figure.layout.xaxis.range == (0, 4000)
    assert figure.layout.yaxis.range == (3000, 0)
    content = base64.b64decode(image.source.partition(",")[2])
    assert Image.open(io.BytesIO(content)).size == (40, 30)


def test_no_tool_lies_over_the_photo():
    layout = photo_figure(PICTURE, WHOLE, ()).layout
    assert layout.margin.t == TOOLBAR
    assert (layout.modebar.bgcolor, layout.modebar.color) == (CLEAR, GREY)


def test_a_part_keeps_the_pixels_of_the_photo():
    figure = photo_figure(PICTURE, (1000, 500, 400, 300), FRAMES)
    assert figure.layout.xaxis.range == (1000, 1400)
    assert figure.layout.yaxis.range == (800, 500)
    assert figure.layout.images[0].x == 1000


def test_every_frame_says_in_words_and_by_its_line_what_it_is():
    figure = photo_figure(PICTURE, WHOLE, FRAMES)
    assert [note.text for note in figure.layout.annotations] == [
        "1 Crack",
        "2 No crack",
        "3",
    ]
    lines = [shape.line for shape in figure.layout.shapes[1::2]]
    assert len({line.dash for line in lines}) == 3
    assert len({line.color for line in lines}) == 3
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].y1) == (100, 520)


def test_a_region_outside_the_part_has_no_frame_and_no_words_there():
    figure = photo_figure(PICTURE, (1300, 300, 700, 500), FRAMES)
    assert [note.text for note in figure.layout.annotations] == ["2 No crack"]
    assert len(figure.layout.shapes) == 2


def test_words_stay_within_the_part_that_is_shown():
    figure = photo_figure(PICTURE, (200, 300, 400, 300), FRAMES[:1])
    (note,) = figure.layout.annotations
    assert (note.x, note.y) == (200, 300)


@pytest.mark.parametrize(
    ("x", "y", "box"),
    [
        ([10.4, 50.6], [20.2, 30.9], (10, 20, 41, 11)),
        ([50.6, 10.4], [30.9, 20.2], (10, 20, 41, 11)),
        ([-50, 20], [70, 500], (0, 70, 20, 10)),
        ([10, 12], [20, 60], None),
        ([-50, -20], [10, 60], None),
    ],
)
def test_a_drawn_box_is_whole_pixels_within_the_photo(x, y, box):
    assert drawn_box(x, y, 120, 80) == box
