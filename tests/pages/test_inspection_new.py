from __future__ import annotations

from datetime import date

from crack.inference.prediction import Label, label_of
from crack.inspections.store import list_inspections, photos_of
from tests.pages.conftest import INSPECTIONS, links


def test_without_a_model_a_new_inspection_leads_to_training(visit):
    app = visit(INSPECTIONS, inspection="new")
    assert "Train a model" in links(app)
    assert not app.file_uploader


def test_elements_are_offered_once_however_their_structure_is_spelt(visit, inspect):
    inspect("bridge 7", "pier 2", date(2020, 5, 1))
    inspect("BRIDGE 7", "abutment", date(2021, 5, 1))
    inspect("Bridge 7", "Pier 2")
    inspect("Car park", "Wall")
    app = visit(INSPECTIONS, inspection="new")
    structure = app.selectbox(key="inspection_new_structure")
    assert structure.options == ["Bridge 7", "Car park"]
    structure.set_value("Bridge 7").run()
    element = app.selectbox(key="inspection_new_element")
    assert element.options == ["abutment", "Pier 2"]


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
    app = visit(INSPECTIONS, inspection="new")
    assert app.button(key="inspection_new_begin").disabled
    begin(app, ("dark.png", photo(20)), ("light.png", photo(220)), ("bad.png", b"x"))
    inspection = list_inspections()[0].inspection
    assert (inspection.structure, inspection.element) == ("Bridge 7", "Pier 2")
    assert inspection.inspected_on == date.today()
    assert inspection.model.name == model.name
    kept = [
        (p.prediction.file, label_of(p.prediction)) for p in photos_of(inspection.id)
    ]
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
    app = visit(INSPECTIONS, inspection="new")
    begin(app, ("site.zip", archive), ("broken.zip", b"no zip"))
    summary = list_inspections()[0]
    kept = {p.prediction.file: p.prediction for p in photos_of(summary.inspection.id)}
    assert list(kept) == ["site.zip/a/1.png", "site.zip/a/2.png", "broken.zip"]
    assert kept["site.zip/a/1.png"].label is Label.CRACK
    assert "damaged" in kept["broken.zip"].error
