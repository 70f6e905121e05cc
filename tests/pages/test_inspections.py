"""The list of inspections, and what leads out of it."""

from __future__ import annotations

from datetime import date

from crack.inspections.store import photos_of
from crack.inspections.verdicts import give_verdict
from tests.inspections import ACCEPT
from tests.pages.conftest import INSPECTIONS, all_said, links


def test_without_inspections_the_ways_to_one_are_shown(visit):
    app = visit(INSPECTIONS)
    assert "no inspection yet" in app.info[0].value
    assert "Ask about photos first, and keep them as an inspection" in links(app)
    assert not app.button(key="inspections_new").disabled


def test_the_list_counts_answers_and_verdicts(visit, full):
    app = visit(INSPECTIONS)
    assert "**Bridge 7, Pier 2**" in links(app)
    written = all_said(app)
    assert "22 November 2026, 4 photos, model walls-1" in written
    for words in ("Crack: 1", "Needs review: 1", "No crack: 1", "Unreadable: 1"):
        assert words in written
    assert "1 of 3 photos has a verdict; 1 file could not be read" in written


def test_the_list_is_of_one_structure_if_asked_for(visit, inspect):
    for structure in ("Bridge 7", "Car park"):
        inspect(structure)
    app = visit(INSPECTIONS)
    app.selectbox(key="inspections_structure").set_value("Car park").run()
    opened = [name for name in links(app) if "Pier 2" in name]
    assert opened == ["**Car park, Pier 2**"]


def test_a_structure_is_one_however_it_is_spelt(visit, inspect):
    inspect("bridge 7 ", "Pier 1", date(2020, 5, 1))
    inspect("Bridge 7", "Pier 2")
    inspect("Car park", "Wall")
    app = visit(INSPECTIONS)
    chosen = app.selectbox(key="inspections_structure")
    assert chosen.options == ["All structures", "Bridge 7", "Car park"]
    chosen.set_value("Bridge 7").run()
    opened = [name for name in links(app) if name.startswith("**")]
    assert opened == ["**Bridge 7, Pier 2**", "**bridge 7, Pier 1**"]


def test_a_wrong_address_of_the_database_is_told_in_a_sentence(visit, monkeypatch):
    monkeypatch.setenv("CRACK_DATABASE_URL", "oracle://me:secret@host/db")
    app = visit(INSPECTIONS)
    assert "cannot be used" in app.error[0].value
    assert "secret" not in all_said(app)
    assert app.title[0].value == "Inspections"


def test_an_inspection_that_is_gone_is_told_in_a_sentence(visit):
    app = visit(INSPECTIONS, inspection="0123")
    assert "no inspection '0123'" in app.error[0].value
    assert "All inspections" in links(app)


def test_training_on_verdicts_needs_both_kinds(visit, full):
    app = visit(INSPECTIONS)
    app.button(key="inspections_export").click().run()
    assert "1 settled as crack, 0 as no crack" in all_said(app)
    assert app.get("download_button")[0].proto.disabled
    give_verdict(photos_of(full.id)[2].id, ACCEPT)
    app.button(key="inspections_export").click().run()
    assert "1 settled as crack, 1 as no crack" in all_said(app)
    assert not app.get("download_button")[0].proto.disabled
    assert "Add it as a dataset" in links(app)
