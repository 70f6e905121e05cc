"""Answers kept as an inspection."""

from __future__ import annotations

from datetime import date

import pytest

from crack.errors import CrackError
from crack.inference.prediction import FailedPhoto
from crack.inspections import store
from pages.inspection import keeping
from tests.pages.conftest import PREDICT, EndedError, ask, set_scale


def keep(app, structure="Bridge 12", element="Pier"):
    for what, name in (("structure", structure), ("element", element)):
        field = app.selectbox(key=f"inspection_keep_{what}")
        if name:
            field.options.append(name)  # AppTest types none that is not offered
            field.set_value(name)
    app.button(key="predict_keep_now").click()
    return app


@pytest.fixture
def opened(monkeypatch):
    """Where the page led to."""
    pages = []
    monkeypatch.setattr(
        "streamlit.switch_page",
        lambda page, *, query_params: pages.append((page, query_params)),
    )
    return pages


def test_the_answers_are_kept_as_an_inspection_which_opens(visit, model, photo, opened):
    app = ask(visit(PREDICT), dark=photo(20), light=photo(220), bad=b"no picture")
    keep(app).run()
    assert not app.exception
    (summary,) = store.list_inspections()
    id_ = summary.inspection.id
    assert (summary.photos, summary.errors) == (3, 1)
    assert summary.inspection.structure == "Bridge 12"
    assert opened == [("pages/inspection/inspections.py", {"inspection": id_})]
    kept = [found.prediction.file for found in store.photos_of(id_)]
    assert kept == ["dark.png", "light.png", "bad.png"]


def test_equal_photos_are_kept_once_under_the_first_name_which_is_told(
    visit, model, photo, opened
):
    app = ask(visit(PREDICT), a=photo(20), b=photo(220), c=photo(20), d=photo(20))
    keep(app).run()
    (summary,) = store.list_inspections()
    kept = [found.prediction.file for found in store.photos_of(summary.inspection.id)]
    assert kept == ["a.png", "b.png"]
    assert app.run().success[0].value.replace("\\", "") == (
        "Kept 2 photos. 2 were left out: they have the same content as others."
    )


def test_an_inspection_keeps_the_scale_of_each_photo(
    visit, scaled_model, photo, opened
):
    app = visit(PREDICT)
    set_scale(app, "Width of wall in a photo", shown=64.0)
    ask(app, small=photo(20, side=64), large=photo(20, side=128), bad=b"no picture")
    keep(app).run()
    (summary,) = store.list_inspections()
    small, large, bad = store.photos_of(summary.inspection.id)
    assert small.prediction.mm_per_pixel == 1.0
    assert large.prediction.mm_per_pixel == 0.5
    assert isinstance(bad.prediction, FailedPhoto)


def test_known_names_are_offered_so_that_no_slip_splits_a_history(
    visit, model, photo, opened, inspect
):
    inspect("Bridge 7", "Pier 2", date(2020, 5, 1))
    inspect("Bridge 7", "Abutment", date(2021, 5, 1))
    inspect("Car park", "Wall", date(2021, 5, 1))
    app = ask(visit(PREDICT), dark=photo(20))
    structure = app.selectbox(key="inspection_keep_structure")
    assert structure.options == ["Bridge 7", "Car park"]
    structure.set_value("Bridge 7").run()
    element = app.selectbox(key="inspection_keep_element")
    assert element.options == ["Abutment", "Pier 2"]
    element.set_value("Pier 2").run()
    app.button(key="predict_keep_now").click().run()
    assert not app.exception
    days = [made.inspected_on for made in store.inspections_of("Bridge 7", "Pier 2")]
    assert days == [date(2020, 5, 1), date.today()]


def test_an_inspection_without_a_name_is_refused_in_a_sentence(
    visit, model, photo, opened
):
    app = keep(ask(visit(PREDICT), dark=photo(20)), structure="").run()
    assert "needs the name of its structure." in app.error[0].value
    # Above the button: below it, the popover ends at the edge of a low screen.
    form = [element.key or element.type for element in app.main if element.type]
    assert form.index("error") < form.index("predict_keep_now")
    assert not store.list_inspections()
    assert not opened


def test_keeping_goes_on_where_it_was_ended(visit, model, photo, opened, monkeypatch):
    added = []

    def add(id_, content, prediction, **known):
        added.append(prediction.file)
        if len(added) == 2:
            raise EndedError
        return store.add_photo(id_, content, prediction, **known)

    monkeypatch.setattr(keeping, "add_photo", add)
    app = ask(visit(PREDICT), a=photo(20), b=photo(220), c=photo(110))
    keep(app).run()
    assert len(app.exception) == 1
    assert not opened
    app.run()
    assert not app.exception
    assert added == ["a.png", "b.png", "b.png", "c.png"]
    (summary,) = store.list_inspections()
    assert summary.photos == 3
    assert len(opened) == 1


def test_a_full_disk_is_told_with_what_was_kept(
    visit, model, photo, opened, monkeypatch
):
    def fail(id_, content, prediction, **known):
        if prediction.file == "b.png":
            raise CrackError("The disk is full.", "Free some space.")
        return store.add_photo(id_, content, prediction, **known)

    monkeypatch.setattr(keeping, "add_photo", fail)
    app = keep(ask(visit(PREDICT), a=photo(20), b=photo(220))).run()
    assert "The disk is full." in app.error[0].value
    assert "1 of 2 photos are in the inspection" in app.warning[0].value
    assert not opened
    assert [summary.photos for summary in store.list_inspections()] == [1]
