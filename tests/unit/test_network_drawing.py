"""The drawing of a network: nothing overlaps, and colour is not needed to read it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from crack.reporting.network_drawing import (
    STRIP_HEIGHT,
    WIDTH,
    drawing_in_words,
    network_drawing,
    totals_in_words,
)
from crack.reporting.network_figure import network_figure
from crack.runs.architecture import architecture_of
from crack.runs.config import PRESETS

RECOMMENDED = PRESETS["recommended"].for_dataset("walls")


def drawing(**changes):
    return network_drawing(architecture_of(replace(RECOMMENDED, **changes)))


def strips(title, **changes):
    box = next(box for box in drawing(**changes).boxes if box.title == title)
    return [(strip.words, strip.learns) for strip in box.strips]


@pytest.mark.parametrize("side", [32, 160, 512])
@pytest.mark.parametrize("at", [0, 1, 100, 105, 153])
def test_boxes_stand_below_each_other_with_their_strips_inside(side, at):
    drawn = drawing(image_size=side, fine_tune_at=at)
    for box, after in pairwise(drawn.boxes):
        assert box.top + box.height < after.top
        assert box.width >= after.width
    for box in drawn.boxes:
        assert box.left >= 0
        assert box.left + box.width <= WIDTH + 1e-6
        assert not box.strips or box.top + box.height > box.strips_at + STRIP_HEIGHT
        for strip, after in pairwise(box.strips):
            assert strip.left + strip.width <= after.left + 1e-6
        for strip in box.strips:
            assert box.left < strip.left
            assert strip.left + strip.width < box.left + box.width
    last = drawn.boxes[-1]
    assert last.top + last.height == pytest.approx(drawn.height)


def test_each_phase_says_what_is_fixed_and_what_learns():
    assert strips("Stem") == [("fixed", False), ("fixed", False)]
    assert strips("Stage 5") == [
        ("fixed", False),
        ("8 fixed", False),
        ("10 learn", True),
    ]
    assert strips("Stage 6") == [("fixed", False), ("learns", True)]
    assert strips("Dense") == [("learns", True), ("learns", True)]
    assert strips("Pooling") == []
    assert strips("Stem", fine_tune_at=0) == [("fixed", False), ("learns", True)]


def test_a_divided_strip_has_the_proportions_of_its_layers():
    box = next(box for box in drawing().boxes if box.title == "Stage 5")
    _, fixed, learn = box.strips
    assert fixed.width / (fixed.width + learn.width) == pytest.approx(8 / 18)


def test_the_totals_are_told_in_a_sentence():
    said = totals_in_words(architecture_of(RECOMMENDED))
    assert "Of 2,260,546 parameters, 2,562 learn in the frozen phase" in said
    assert "1,861,440 + 2,562 learn in the fine-tune phase" in said
    assert "152.8 M MACs" in said


def test_the_drawing_is_told_in_words():
    said = drawing_in_words(architecture_of(RECOMMENDED))
    assert "Stage 5: 10 × 10 × 96, fixed in the frozen phase" in said
    assert "10 of 18 layers with weights learn in the fine-tune phase" in said


def test_a_click_anywhere_in_a_box_names_its_part():
    drawn = drawing()
    figure = network_figure(drawn)
    boxes = figure.data[-1]  # the uppermost trace gets the clicks
    assert list(boxes.customdata) == list(range(len(drawn.boxes)))
    assert list(boxes.width) == [box.height for box in drawn.boxes]
    assert boxes.hoverinfo == "none"
    assert {trace.hoverinfo for trace in figure.data[:-1]} == {"skip"}


def test_what_is_fixed_is_hatched_and_what_learns_is_filled():
    _, fixed, learns, _ = network_figure(drawing()).data
    assert fixed.marker.pattern.shape == "/"
    assert learns.marker.pattern.shape is None
    words = [entry.text for entry in network_figure(drawing()).layout.annotations]
    assert "10 learn" in words
    assert "8 fixed" in words
