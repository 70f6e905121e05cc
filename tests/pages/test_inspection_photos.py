"""Photos added to an inspection that there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
import streamlit as st

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import Label
from crack.inference.predictor import Predictor
from crack.inference.thresholds import Thresholds
from crack.inspections.store import add_photo, photos_of
from crack.runs.registry import rename_model, save_thresholds
from pages.inspection import keeping
from tests.inspections import add, full_answer
from tests.pages.conftest import INSPECTIONS, all_said


@pytest.fixture
def scale_known(model):
    """The model knows the scale of its training images."""
    replace(ModelCard.read(model.folder), mm_per_pixel=0.5).write(model.folder)


def add_more(app, inspection, *photos):
    uploader = app.file_uploader(key=f"inspection_more_{inspection.id}_files")
    for number, content in enumerate(photos):
        uploader.upload(f"{number}.png", content)
    app.run()
    app.button(key="inspection_more_add").click().run()
    assert not app.exception


def test_photos_that_are_there_are_not_asked_about_again(
    visit, inspect, photo, monkeypatch
):
    inspection = inspect()
    app = visit(INSPECTIONS, inspection=inspection.id)
    add_more(app, inspection, photo(20))
    assert "Kept 1 photo." in app.success[0].value
    monkeypatch.setattr("crack.inference.predictor._decode", None)
    add_more(app, inspection, photo(20))
    assert "All of them are there already" in app.success[0].value


def test_photos_that_are_there_or_come_twice_are_told(visit, inspect, photo):
    inspection = inspect()
    app = visit(INSPECTIONS, inspection=inspection.id)
    add_more(app, inspection, photo(20), photo(20))
    assert app.success[0].value.replace("\\", "") == (
        "Kept 1 photo. 1 was left out: it has the same content as another."
    )
    assert [p.prediction.file for p in photos_of(inspection.id)] == ["0.png"]
    add_more(app, inspection, photo(20), photo(110), photo(20))
    assert "Kept 1 photo. 2 were left out" in app.success[0].value


def test_a_click_while_photos_are_added_does_not_lose_the_others(
    visit, inspect, photo, monkeypatch
):
    interrupted = []

    def add_then_click(*arguments, **known):
        kept = add_photo(*arguments, **known)
        if not interrupted:
            interrupted.append(kept)
            st.rerun()  # ends the script as a click does
        return kept

    monkeypatch.setattr(keeping, "add_photo", add_then_click)
    inspection = inspect()
    app = visit(INSPECTIONS, inspection=inspection.id)
    add_more(app, inspection, photo(20), photo(110), photo(200))
    assert len(photos_of(inspection.id)) == 3
    assert "Kept 2 photos." in app.success[0].value


@pytest.mark.usefixtures("scale_known")
@pytest.mark.parametrize("scale", [0.25, None])
def test_more_photos_are_judged_at_the_scale_of_those_there(
    visit, inspect, photo, asked, scale
):
    inspection = inspect()
    add(inspection, full_answer(mm_per_pixel=scale))
    app = visit(INSPECTIONS, inspection=inspection.id)
    assert ("scale of those here: 0.25 mm per pixel" in all_said(app)) is (
        scale == 0.25
    )
    add_more(app, inspection, photo(200))
    assert asked == [("0.png", scale)]
    kept = [photo.prediction.mm_per_pixel for photo in photos_of(inspection.id)]
    assert kept == [scale, scale]


@pytest.mark.usefixtures("scale_known")
def test_without_a_scale_in_common_more_photos_are_judged_without_one(
    visit, inspect, photo
):
    inspection = inspect()
    add(inspection, full_answer(mm_per_pixel=0.25), tone=20)
    add(inspection, full_answer(mm_per_pixel=0.5), tone=30)
    app = visit(INSPECTIONS, inspection=inspection.id)
    assert "no scale in common" in all_said(app)
    add_more(app, inspection, photo(200))
    assert photos_of(inspection.id)[-1].prediction.mm_per_pixel is None


def test_what_cannot_be_kept_ends_the_decoding_before_it_is_told(
    visit, inspect, photo, monkeypatch
):
    events = []
    end = keeping._end

    class Watched(Predictor):
        def predict(self, items, scale):
            try:
                yield from super().predict(items, scale)
            finally:
                events.append("decoding ended")

    def refuse(*_, **__):
        raise CrackError("The disk is full.")

    def end_and_note():
        end()
        events.append("told")

    monkeypatch.setattr(keeping, "predictor", lambda model: Watched(model.folder))
    monkeypatch.setattr(keeping, "add_photo", refuse)
    monkeypatch.setattr(keeping, "_end", end_and_note)
    inspection = inspect()
    app = visit(INSPECTIONS, inspection=inspection.id)
    add_more(app, inspection, photo(20), photo(110), photo(200))
    assert events == ["decoding ended", "told"]
    assert "The disk is full." in app.error[0].value


def test_more_photos_need_the_very_model_that_answered(visit, inspect, model):
    inspection = inspect()
    card = replace(ModelCard.read(model.folder), created="2027-01-01")
    card.write(model.folder)
    app = visit(INSPECTIONS, inspection=inspection.id)
    assert "no longer there" in all_said(app)
    assert not app.file_uploader


def test_more_photos_are_answered_by_the_thresholds_of_those_there(
    visit, inspect, photo, model
):
    inspection = inspect()
    save_thresholds(model, Thresholds(0.1, 0.8), "Fewer photos to look at.")
    app = visit(INSPECTIONS, inspection=inspection.id)
    add_more(app, inspection, photo(90))
    (kept,) = [p for p in photos_of(inspection.id) if p.prediction.file == "0.png"]
    assert 0.8 < kept.prediction.probability < 0.95
    assert kept.prediction.label is Label.REVIEW


def test_a_renamed_model_still_answers(visit, inspect, photo, model):
    inspection = inspect()
    rename_model(model.name, "bridge")
    app = visit(INSPECTIONS, inspection=inspection.id)
    add_more(app, inspection, photo(20))
    assert "Kept 1 photo." in app.success[0].value
