"""Photos added to an inspection that there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
import streamlit as st

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.predictor import Predictor
from crack.inspections.store import add_photo, photos_of
from pages.inspection import inspection_photos
from tests.inspections import add, full_answer
from tests.pages.conftest import INSPECTIONS, all_said


@pytest.fixture
def scale_known(model):
    """The model knows the scale of its training images."""
    replace(ModelCard.read(model.folder), mm_per_pixel=0.5).write(model.folder)


def add_more(app, inspection, *photos):
    uploader = app.file_uploader(key=f"inspection_more_{inspection.id}")
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


def test_a_click_while_photos_are_added_does_not_lose_the_others(
    visit, inspect, photo, monkeypatch
):
    interrupted = []

    def add_then_click(*arguments):
        kept = add_photo(*arguments)
        if not interrupted:
            interrupted.append(kept)
            st.rerun()  # ends the script as a click does
        return kept

    monkeypatch.setattr(inspection_photos, "add_photo", add_then_click)
    inspection = inspect()
    app = visit(INSPECTIONS, inspection=inspection.id)
    add_more(app, inspection, photo(20), photo(110), photo(200))
    assert len(photos_of(inspection.id)) == 3
    assert "Kept 2 photos." in app.success[0].value


@pytest.mark.usefixtures("scale_known")
@pytest.mark.parametrize("scale", [0.25, None])
def test_more_photos_are_judged_at_the_scale_of_those_there(
    visit, inspect, photo, monkeypatch, scale
):
    asked = []
    predict = Predictor.predict

    def watched(self, items, mm_per_pixel=None):
        asked.append(mm_per_pixel)
        return predict(self, items, mm_per_pixel)

    monkeypatch.setattr(Predictor, "predict", watched)
    inspection = inspect()
    add(inspection, full_answer(), mm_per_pixel=scale)
    app = visit(INSPECTIONS, inspection=inspection.id)
    assert ("scale of those here: 0.25 mm per pixel" in all_said(app)) is (
        scale == 0.25
    )
    add_more(app, inspection, photo(200))
    assert asked == [scale]
    assert [kept.mm_per_pixel for kept in photos_of(inspection.id)] == [scale, scale]


@pytest.mark.usefixtures("scale_known")
def test_without_a_scale_in_common_more_photos_are_judged_without_one(
    visit, inspect, photo
):
    inspection = inspect()
    add(inspection, full_answer(), tone=20, mm_per_pixel=0.25)
    add(inspection, full_answer(), tone=30, mm_per_pixel=0.5)
    app = visit(INSPECTIONS, inspection=inspection.id)
    assert "no scale in common" in all_said(app)
    add_more(app, inspection, photo(200))
    assert photos_of(inspection.id)[-1].mm_per_pixel is None


def test_what_cannot_be_kept_ends_the_decoding_before_it_is_told(
    visit, inspect, photo, monkeypatch
):
    events = []
    stop = inspection_photos._stop

    class Watched(Predictor):
        def predict(self, items, mm_per_pixel=None):
            try:
                yield from super().predict(items, mm_per_pixel)
            finally:
                events.append("decoding ended")

    def refuse(*_):
        raise CrackError("The disk is full.")

    def stop_and_note():
        stop()
        events.append("told")

    monkeypatch.setattr(
        inspection_photos, "predictor", lambda model: Watched(model.folder)
    )
    monkeypatch.setattr(inspection_photos, "add_photo", refuse)
    monkeypatch.setattr(inspection_photos, "_stop", stop_and_note)
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
