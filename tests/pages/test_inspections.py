from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import streamlit as st

from crack import settings
from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.prediction import Label, Prediction, Reason, Spot
from crack.inference.predictor import Predictor
from crack.inspections.records import Verdict, VerdictKind
from crack.inspections.store import (
    add_photo,
    create_inspection,
    find_inspection,
    give_verdict,
    list_inspections,
    photos_of,
)
from pages.components import inspection_photos

PAGE = "pages/inspection/inspections.py"
ACCEPT = Verdict(VerdictKind.ACCEPT)
DAY = date(2026, 11, 20)


@pytest.fixture
def inspect(model):
    """Begin an inspection."""

    def make(structure="Bridge 7", element="Pier 2", day=DAY, note=""):
        return create_inspection(structure, element, day, model, note)

    return make


@pytest.fixture
def add(photo):
    """Add a photo; every answer has a tone of its own."""

    def make(inspection, label=Label.CRACK, verdict=None, tone=20, mm=None, **changes):
        content = b"no photo" if label is None else photo(tone)
        kept = add_photo(inspection.id, content, answer(label, **changes), mm)
        return kept if verdict is None else give_verdict(kept.id, verdict)

    return make


@pytest.fixture
def full(inspect, add):
    """An inspection with a photo of each answer; the one with a crack is accepted."""
    inspection = inspect()
    add(inspection, Label.CRACK, ACCEPT, tone=20, file="dark.png")
    add(inspection, Label.REVIEW, tone=110, file="grey.png", reasons=(Reason.DARK,))
    add(inspection, Label.NO_CRACK, tone=200, file="light.png")
    add(inspection, None, file="broken.png")
    return inspection


def answer(label, **changes):
    probability = {Label.CRACK: 0.99, Label.REVIEW: 0.5, Label.NO_CRACK: 0.01}
    answered = Prediction(
        file="a.png",
        label=label,
        probability=probability.get(label),
        threshold=0.95,
        width=64,
        height=64,
        seconds=0.1,
        error=None if label else "This file is not a picture. Choose another.",
        crack_map=np.full((2, 2), 3, np.float32),
        spots=(Spot(0, 0, 32, 32, 0.97), Spot(32, 32, 32, 32, 0.6)) if label else (),
    )
    return replace(answered, **changes)


def said(app):
    """Return all that is written on the page."""
    kinds = (app.markdown, app.caption, app.info, app.error, app.success, app.warning)
    progress = [bar.text for bar in app.get("progress")]
    return " ".join([entry.value for kind in kinds for entry in kind] + progress)


def links(app):
    """Return what leads elsewhere."""
    buttons = [button.label for button in app.button]
    return [link.value for link in app.page_link] + buttons


def give(app, photo, words, *, button="verdict_next", width=None, exposure=None):
    app.radio(key=f"verdict_{photo.id}").set_value(words).run()
    if width:
        app.number_input(key=f"verdict_width_{photo.id}").set_value(width).run()
    if exposure:
        app.selectbox(key=f"verdict_exposure_{photo.id}").set_value(exposure).run()
    app.button(key=button).click().run()
    assert not app.exception


def test_without_inspections_the_ways_to_one_are_shown(visit):
    app = visit(PAGE)
    assert "no inspection yet" in app.info[0].value
    assert "Ask about photos first, and keep them as an inspection" in links(app)
    assert not app.button(key="inspections_new").disabled


def test_the_list_counts_answers_and_verdicts(visit, full):
    app = visit(PAGE)
    assert "**Bridge 7, Pier 2**" in links(app)
    written = said(app)
    assert "20 November 2026, 4 photos, model walls-1" in written
    for words in ("Crack: 1", "Needs review: 1", "No crack: 1", "Unreadable: 1"):
        assert words in written
    assert "1 of 4 photos have a verdict" in written


def test_the_list_is_of_one_structure_if_asked_for(visit, inspect):
    for structure in ("Bridge 7", "Car park"):
        inspect(structure)
    app = visit(PAGE)
    app.selectbox(key="inspections_structure").set_value("Car park").run()
    opened = [name for name in links(app) if "Pier 2" in name]
    assert opened == ["**Car park, Pier 2**"]


def test_a_structure_is_one_however_it_is_spelt(visit, inspect):
    inspect("bridge 7 ", "Pier 1", date(2020, 5, 1))
    inspect("Bridge 7", "Pier 2")
    inspect("Car park", "Wall")
    app = visit(PAGE)
    chosen = app.selectbox(key="inspections_structure")
    assert chosen.options == ["All structures", "Bridge 7", "Car park"]
    chosen.set_value("Bridge 7").run()
    opened = [name for name in links(app) if name.startswith("**")]
    assert opened == ["**Bridge 7, Pier 2**", "**bridge 7, Pier 1**"]


def test_elements_are_offered_once_however_their_structure_is_spelt(visit, inspect):
    inspect("bridge 7", "pier 2", date(2020, 5, 1))
    inspect("BRIDGE 7", "abutment", date(2021, 5, 1))
    inspect("Bridge 7", "Pier 2")
    inspect("Car park", "Wall")
    app = visit(PAGE, inspection="new")
    structure = app.selectbox(key="inspection_new_structure")
    assert structure.options == ["Bridge 7", "Car park"]
    structure.set_value("Bridge 7").run()
    element = app.selectbox(key="inspection_new_element")
    assert element.options == ["abutment", "Pier 2"]


def test_details_show_names_as_they_stand(visit, inspect):
    old = inspect("bridge 7", "pier 2", date(2020, 5, 1))
    inspect("Bridge 7", "Pier 2")
    app = visit(PAGE, inspection=old.id, view="Details")
    for name, spelt in (("structure", "bridge 7"), ("element", "pier 2")):
        field = app.selectbox(key=f"inspection_{old.id}_{name}")
        assert (field.value, field.options) == (spelt, [spelt])


def test_a_wrong_address_of_the_database_is_told_in_a_sentence(visit, monkeypatch):
    monkeypatch.setenv("CRACK_DATABASE_URL", "oracle://me:secret@host/db")
    app = visit(PAGE)
    assert "cannot be used" in app.error[0].value
    assert "secret" not in said(app)
    assert app.title[0].value == "Inspections"


def test_an_inspection_that_is_gone_is_told_in_a_sentence(visit):
    app = visit(PAGE, inspection="0123")
    assert "no inspection '0123'" in app.error[0].value
    assert "All inspections" in links(app)


def test_without_a_model_a_new_inspection_leads_to_training(visit):
    app = visit(PAGE, inspection="new")
    assert "Train a model" in links(app)
    assert not app.file_uploader


def begin(app, *photos):
    """Fill in the form; the names are known, as AppTest cannot type new ones."""
    for name in ("structure", "element"):
        field = app.selectbox(key=f"inspection_new_{name}")
        field.select_index(0).run()
    uploader = app.file_uploader(key="inspection_new_files")
    for name, content in photos:
        uploader.upload(name, content)
    app.run()
    app.button(key="inspection_new_begin").click().run()
    assert not app.exception


def test_a_new_inspection_keeps_every_photo_with_its_answer(
    visit, inspect, model, photo
):
    inspect()
    app = visit(PAGE, inspection="new")
    assert app.button(key="inspection_new_begin").disabled
    begin(app, ("dark.png", photo(20)), ("light.png", photo(220)), ("bad.png", b"x"))
    inspection = list_inspections()[0].inspection
    assert (inspection.structure, inspection.element) == ("Bridge 7", "Pier 2")
    assert inspection.inspected_on == date.today()
    assert inspection.model.name == model.name
    kept = [(p.prediction.file, p.prediction.label) for p in photos_of(inspection.id)]
    assert kept == [
        ("dark.png", Label.CRACK),
        ("light.png", Label.NO_CRACK),
        ("bad.png", None),
    ]
    assert "Kept 3 photos" in app.success[0].value
    assert "not a picture" in photos_of(inspection.id)[2].prediction.error


def test_a_zip_brings_its_photos_and_a_broken_one_its_reason(
    visit, inspect, photo, make_zip
):
    inspect()
    archive = make_zip({"a/1.png": photo(20), "a/2.png": photo(220)}).read_bytes()
    app = visit(PAGE, inspection="new")
    begin(app, ("site.zip", archive), ("broken.zip", b"no zip"))
    summary = list_inspections()[0]
    kept = {p.prediction.file: p.prediction for p in photos_of(summary.inspection.id)}
    assert list(kept) == ["site.zip/a/1.png", "site.zip/a/2.png", "broken.zip"]
    assert kept["site.zip/a/1.png"].label is Label.CRACK
    assert "damaged" in kept["broken.zip"].error


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
    app = visit(PAGE, inspection=inspection.id)
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
    app = visit(PAGE, inspection=inspection.id)
    add_more(app, inspection, photo(20), photo(110), photo(200))
    assert len(photos_of(inspection.id)) == 3
    assert "Kept 2 photos." in app.success[0].value


@pytest.fixture
def scale_known(model):
    """The model knows the scale of its training images."""
    replace(ModelCard.read(model.folder), mm_per_pixel=0.5).write(model.folder)


@pytest.mark.usefixtures("scale_known")
@pytest.mark.parametrize("scale", [0.25, None])
def test_more_photos_are_judged_at_the_scale_of_those_there(
    visit, inspect, add, photo, monkeypatch, scale
):
    asked = []
    predict = Predictor.predict

    def watched(self, items, mm_per_pixel=None):
        asked.append(mm_per_pixel)
        return predict(self, items, mm_per_pixel)

    monkeypatch.setattr(Predictor, "predict", watched)
    inspection = inspect()
    add(inspection, mm=scale)
    app = visit(PAGE, inspection=inspection.id)
    assert ("scale of those here: 0.25 mm per pixel" in said(app)) is (scale == 0.25)
    add_more(app, inspection, photo(200))
    assert asked == [scale]
    assert [kept.mm_per_pixel for kept in photos_of(inspection.id)] == [scale, scale]


@pytest.mark.usefixtures("scale_known")
def test_without_a_scale_in_common_more_photos_are_judged_without_one(
    visit, inspect, add, photo
):
    inspection = inspect()
    add(inspection, tone=20, mm=0.25)
    add(inspection, tone=30, mm=0.5)
    app = visit(PAGE, inspection=inspection.id)
    assert "no scale in common" in said(app)
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
    app = visit(PAGE, inspection=inspection.id)
    add_more(app, inspection, photo(20), photo(110), photo(200))
    assert events == ["decoding ended", "told"]
    assert "The disk is full." in app.error[0].value


def test_more_photos_need_the_very_model_that_answered(visit, inspect, model):
    inspection = inspect()
    card = replace(ModelCard.read(model.folder), created="2027-01-01")
    card.write(model.folder)
    app = visit(PAGE, inspection=inspection.id)
    assert "no longer there" in said(app)
    assert not app.file_uploader


def test_the_photos_are_shown_by_their_answer_or_without_verdict(visit, full):
    app = visit(PAGE, inspection=full.id)
    for choice, names in {
        "All": ["dark.png", "grey.png", "light.png", "broken.png"],
        "Without verdict": ["grey.png", "light.png", "broken.png"],
        "Crack": ["dark.png"],
        "Needs review": ["grey.png"],
        "No crack": ["light.png"],
        "Unreadable": ["broken.png"],
    }.items():
        app.segmented_control(key=f"inspection_show_{full.id}").set_value(choice).run()
        assert [name for name in links(app) if name.endswith(".png")] == names


def test_a_photo_tells_its_answer_reasons_and_places(visit, full):
    kept = photos_of(full.id)[1]
    app = visit(PAGE, inspection=full.id, photo=kept.id)
    written = said(app)
    assert "Needs review" in written
    assert "50.0" in written
    assert "Too dark:" in written
    assert len(app.image) == 2
    app.segmented_control(key=f"inspection_place_{kept.id}").set_value(2).run()
    assert not app.exception
    assert len(app.image) == 2


def test_the_steps_stay_among_the_chosen_photos(visit, full):
    kept = photos_of(full.id)
    app = visit(PAGE, inspection=full.id)
    choice = app.segmented_control(key=f"inspection_show_{full.id}")
    choice.set_value("Without verdict").run()
    app.button(key=f"inspection_photo_{kept[1].id}").click().run()
    assert "grey.png, 1 of 3" in said(app)
    assert app.button(key="inspection_previous").disabled
    app.button(key="inspection_next").click().run()
    assert "light.png, 2 of 3" in said(app)
    app.button(key="inspection_all").click().run()
    choice = app.segmented_control(key=f"inspection_show_{full.id}")
    assert choice.value == "Without verdict"


def test_a_verdict_is_kept_and_the_next_photo_without_one_comes(visit, full):
    kept = photos_of(full.id)
    app = visit(PAGE, inspection=full.id, photo=kept[3].id)
    give(app, kept[3], "The photo does not tell")
    assert photos_of(full.id)[3].verdict.kind is VerdictKind.CANNOT_TELL
    assert "grey.png, 2 of 4" in said(app)
    assert "2 of 4 photos have a verdict" in said(app)
    give(app, kept[1], "No crack")
    given = photos_of(full.id)[1].verdict
    assert (given.kind, given.label) == (VerdictKind.CORRECT, Label.NO_CRACK)
    assert "light.png, 3 of 4" in said(app)
    give(app, kept[2], "Accept: no crack")
    assert photos_of(full.id)[2].verdict.kind is VerdictKind.ACCEPT
    assert "the last one missing" in app.success[0].value
    assert "dark.png" in links(app)


def test_without_a_choice_nothing_can_be_saved(visit, full):
    app = visit(PAGE, inspection=full.id, photo=photos_of(full.id)[1].id)
    assert app.button(key="verdict_next").disabled
    assert app.button(key="verdict_save").disabled


def test_a_width_is_compared_with_the_design_value_and_kept(visit, full):
    kept = photos_of(full.id)[2]
    app = visit(PAGE, inspection=full.id, photo=kept.id)
    assert app.number_input(key=f"verdict_width_{kept.id}").disabled
    give(
        app,
        kept,
        "Correct to: crack",
        button="verdict_save",
        width=0.35,
        exposure="aci-humid",
    )
    written = said(app)
    assert "0.35 mm measured" in written
    assert "is 0.30 mm: above it" in written
    assert "not acceptance limits" in written
    given = photos_of(full.id)[2].verdict
    assert (given.label, given.width_mm, given.exposure) == (
        Label.CRACK,
        0.35,
        "aci-humid",
    )
    assert "Corrected: crack" in written
    assert "light.png, 3 of 4" in written


def test_a_photo_whose_file_is_gone_still_takes_a_verdict(visit, full):
    kept = photos_of(full.id)[2]
    (settings.home() / "inspections" / full.id / kept.stored).unlink()
    app = visit(PAGE, inspection=full.id, photo=kept.id)
    assert "light.png cannot be read" in said(app)
    give(app, kept, "Accept: no crack", button="verdict_save")
    assert photos_of(full.id)[2].verdict.kind is VerdictKind.ACCEPT


def test_the_history_tells_state_trend_and_widths(visit, inspect, add):
    for year, width in ((2022, 0.15), (2024, 0.35)):
        inspection = inspect(day=date(year, 5, 1))
        add(inspection, verdict=replace(ACCEPT, width_mm=width, exposure="aci-humid"))
    app = visit(PAGE, inspection=inspection.id, view="Element history")
    written = said(app)
    assert "Crack, new" in written
    assert "Crack, grown" in written
    assert "Widest crack: 0.15 mm" in written
    assert "**1 May 2024** (this inspection)" in links(app)
    (chart,) = app.get("plotly_chart")
    assert "0.35" in chart.proto.spec
    assert "guide value of ACI 224R-01 Table 4.1: 0.30 mm" in chart.proto.spec


def test_the_list_leaves_inspection_and_view_behind(visit, full):
    app = visit(PAGE, inspection=full.id, view="Report")
    assert app.get("download_button")
    app.button(key="inspection_list").click().run()
    assert app.title[0].value == "Inspections"
    assert not app.query_params


def test_without_two_widths_there_is_no_chart(visit, full):
    app = visit(PAGE, inspection=full.id, view="Element history")
    assert not app.get("plotly_chart")
    assert "two inspections or more" in said(app)


def test_the_report_is_offered_in_both_formats(visit, full):
    app = visit(PAGE, inspection=full.id, view="Report")
    assert [button.label for button in app.get("download_button")] == [
        "Report as HTML",
        "Report as PDF",
    ]
    assert "1 of 4 photos have a verdict" in app.info[0].value


def test_the_facts_can_be_changed(visit, inspect):
    inspection = inspect(note="dry")
    app = visit(PAGE, inspection=inspection.id, view="Details")
    app.text_area(key=f"inspection_{inspection.id}_note").set_value("wet").run()
    app.button(key="inspection_change").click().run()
    assert find_inspection(inspection.id).note == "wet"
    assert "Saved" in app.success[0].value


def test_deleting_asks_first_and_leads_back_to_the_list(visit, full):
    app = visit(PAGE, inspection=full.id, view="Details")
    app.button(key="inspection_delete").click().run()
    assert "4 photos and all verdicts" in said(app)
    assert list_inspections()
    app.button(key="confirm_yes").click().run()
    assert not list_inspections()
    assert app.title[0].value == "Inspections"
    assert "Deleted" in app.success[0].value


def test_training_on_verdicts_needs_both_kinds(visit, full):
    app = visit(PAGE)
    app.button(key="inspections_export").click().run()
    assert "1 settled as crack, 0 as no crack" in said(app)
    assert app.get("download_button")[0].proto.disabled
    give_verdict(photos_of(full.id)[2].id, ACCEPT)
    app.button(key="inspections_export").click().run()
    assert "1 settled as crack, 1 as no crack" in said(app)
    assert not app.get("download_button")[0].proto.disabled
    assert "Add it as a dataset" in links(app)
