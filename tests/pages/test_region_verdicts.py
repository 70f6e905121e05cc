"""The regions of a photo of an inspection: judged one by one, marked, undone."""

from __future__ import annotations

import json

import pytest
import streamlit as st

from crack.inference.prediction import Label
from crack.inspections.records import RegionVerdict, RegionVerdictKind
from crack.inspections.store import photos_of
from crack.inspections.verdicts import (
    give_region_verdict,
    give_verdict,
    undo_region_verdict,
)
from crack.reporting import close_up
from crack.reporting.figure_style import TOOLBAR
from pages.inspection import region_verdicts
from tests.inspections import ACCEPT, HEIGHT, REGIONS, WIDTH, add, answer, full_answer
from tests.pages.conftest import INSPECTIONS, all_said, ask, links

DRAWN = (40, 10, 50, 30)


@pytest.fixture
def shown(visit, full):
    """The photo with two regions, open."""
    kept = photos_of(full.id)[0]
    return visit(INSPECTIONS, inspection=full.id, photo=kept.id)


@pytest.fixture
def drawn(monkeypatch):
    """A box is drawn on the photo."""
    monkeypatch.setattr(region_verdicts, "draw_marking_figure", lambda *_: DRAWN)


@pytest.fixture
def narrow(monkeypatch):
    """A part of the small photo is smaller than it, as with a large one."""
    monkeypatch.setattr(close_up, "_SMALLEST", 20)


def press(app, key):
    app.button(key=f"region_{key}").click().run()
    assert not app.exception
    return app


def regions(app):
    """The widget that chooses among the regions."""
    return next(radio for radio in app.radio if radio.key.startswith("photo_region_"))


def chosen(app):
    return regions(app).value


def judged(inspection):
    """The verdicts on regions of the first photo."""
    return [
        (verdict.box, verdict.label, verdict.kind)
        for verdict in photos_of(inspection.id)[0].region_verdicts
    ]


def box(number):
    region = REGIONS[number - 1]
    return region.left, region.top, region.width, region.height


def test_one_click_judges_a_region_and_opens_the_next(shown, full):
    assert "Is there a crack in region 1?" in all_said(shown)
    press(shown, "crack")
    assert chosen(shown) == 2
    assert "Is there a crack in region 2?" in all_said(shown)
    press(shown, "no_crack")
    assert judged(full) == [
        (box(1), Label.CRACK, RegionVerdictKind.CONFIRMED),
        (box(2), Label.NO_CRACK, RegionVerdictKind.REJECTED),
    ]
    assert regions(shown).options == [
        "Region 1: 97.0 %, crack",
        "Region 2: 60.0 %, no crack",
    ]


def test_the_keys_are_told_on_the_buttons(shown):
    keys = [
        shown.button(key=f"region_{k}").proto.shortcut
        for k in ("crack", "no_crack", "undo")
    ]
    assert keys == ["y", "n", "u"]


def test_a_region_can_be_judged_again_and_the_verdict_is_replaced(shown, full):
    press(press(shown, "crack"), "crack")
    regions(shown).set_value(1).run()
    assert "Region 1: " in all_said(shown)
    press(shown, "no_crack")
    assert {where: label for where, label, _ in judged(full)} == {
        box(1): Label.NO_CRACK,
        box(2): Label.CRACK,
    }
    press(shown, "no_crack")  # says so already
    assert len(judged(full)) == 2
    press(shown, "undo")
    assert {label for _, label, _ in judged(full)} == {Label.CRACK}


def test_undo_takes_back_one_after_another_and_shows_the_region(shown, full):
    assert shown.button(key="region_undo").disabled
    press(press(shown, "crack"), "no_crack")
    press(shown, "undo")
    assert chosen(shown) == 2
    press(shown, "undo")
    assert chosen(shown) == 1
    assert judged(full) == []
    assert shown.button(key="region_undo").disabled


def test_what_was_undone_in_another_window_is_told(shown, full):
    press(shown, "crack")
    undo_region_verdict(photos_of(full.id)[0].id)
    press(shown, "undo")
    assert "could be undone" in all_said(shown)


def test_a_visit_begins_at_the_first_region_without_a_verdict(visit, full):
    kept = photos_of(full.id)[0]
    verdict = RegionVerdict(*box(1), True, RegionVerdictKind.CONFIRMED)
    give_region_verdict(kept.id, verdict)
    assert chosen(visit(INSPECTIONS, inspection=full.id, photo=kept.id)) == 2


def test_the_verdict_on_the_photo_stays_as_it_is(shown, full):
    press(shown, "no_crack")
    assert photos_of(full.id)[0].verdict == ACCEPT


@pytest.mark.parametrize(
    ("key", "label"), [("mark_crack", Label.CRACK), ("mark_no_crack", Label.NO_CRACK)]
)
def test_a_drawn_box_is_marked(drawn, shown, full, key, label):
    assert "Box of 50 × 30 px" in all_said(shown)
    press(shown, key)
    assert judged(full) == [(DRAWN, label, RegionVerdictKind.MARKED)]
    press(shown, "undo")
    assert judged(full) == []


def test_without_a_box_there_is_nothing_to_mark(shown):
    assert "Mark a region" in all_said(shown)
    assert not {"Look closer", "Whole photo"} & set(links(shown))


def test_on_a_phone_the_figure_leaves_no_gap_below_it(visit, full, monkeypatch):
    heights = []
    for device in ("X11; Linux", "Android 16; Mobile"):
        headers = {"User-Agent": f"Mozilla/5.0 ({device}) Firefox/140.0"}
        monkeypatch.setattr(type(st.context), "headers", headers)
        app = visit(INSPECTIONS, inspection=full.id, photo=photos_of(full.id)[0].id)
        (chart,) = app.get("plotly_chart")
        layout = json.loads(chart.proto.spec)["layout"]
        heights.append(layout["height"] - TOOLBAR)
    assert heights == [413, 240]  # the photo is half as wide again as it is high


def test_the_form_for_the_verdict_stands_before_the_regions(shown):
    verdict, listed = (radio.key for radio in shown.radio)
    assert verdict.startswith("verdict_")
    assert listed.startswith("photo_region_")


def test_the_regions_are_framed_with_words_on_the_figure(shown, full):
    press(shown, "crack")
    (chart,) = shown.get("plotly_chart")
    assert all(words in chart.proto.spec for words in ('"1 Crack"', '"2"'))


def test_a_part_of_the_photo_can_be_looked_at_from_close_by(narrow, drawn, shown):
    assert "Whole photo" not in links(shown)
    press(shown, "closer")
    press(shown, "whole")
    assert "Whole photo" not in links(shown)


def test_a_box_too_large_for_a_tile_with_a_crack_is_told(monkeypatch, visit, full):
    whole = (0, 0, WIDTH, HEIGHT)
    kept = photos_of(full.id)[0]
    monkeypatch.setattr(region_verdicts, "draw_marking_figure", lambda *_: whole)
    monkeypatch.setattr(region_verdicts, "largest_crack_side", lambda *_: HEIGHT - 1)
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    assert "draw smaller boxes along it" in all_said(app)


@pytest.mark.parametrize(("box", "told"), [(DRAWN, True), ((0, 0, 99, 40), False)])
def test_a_box_too_small_for_a_sound_tile_is_told(monkeypatch, visit, full, box, told):
    monkeypatch.setattr(region_verdicts, "draw_marking_figure", lambda *_: box)
    app = visit(INSPECTIONS, inspection=full.id, photo=photos_of(full.id)[0].id)
    assert ("px wide or high gives no tile" in all_said(app)) == told


def test_without_regions_a_box_can_still_be_marked_and_undone(drawn, visit, inspect):
    made = inspect()
    kept = add(made, answer(Label.NO_CRACK), tone=200)
    app = visit(INSPECTIONS, inspection=made.id, photo=kept.id)
    press(app, "mark_crack")
    assert len(judged(made)) == 1
    press(app, "undo")
    assert judged(made) == []


def test_the_export_tells_what_is_in_and_what_is_left_out(visit, inspect):
    made = inspect()
    large = full_answer(Label.CRACK, width=WIDTH * 4, height=HEIGHT * 4)
    give_verdict(add(made, large, tone=20).id, ACCEPT)
    add(made, answer(Label.NO_CRACK, file="b.png"), ACCEPT, tone=200)
    app = visit(INSPECTIONS)
    app.button(key="inspections_export").click().run()
    written = all_said(app)
    assert "0 settled as crack, 1 as no crack" in written
    assert "1 photo settled as crack without a region" in written
    assert app.get("download_button")[0].proto.disabled


def test_what_was_only_asked_about_cannot_be_judged(visit, model, photo):
    app = ask(visit("pages/inspection/predict.py"), dark=photo(20, side=400))
    assert "Mark a region" not in all_said(app)
    assert "Undo" not in links(app)
