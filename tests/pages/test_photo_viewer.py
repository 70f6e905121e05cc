"""A photo that is shown, on either page."""

from __future__ import annotations

import hashlib

import pytest

from crack.inference import predictor
from crack.inspections import photo_files
from crack.inspections.store import photos_of
from crack.synthetic.example import EXAMPLE
from pages.shared import cache, thumbnails
from tests.inspections import add, full_answer
from tests.pages.conftest import INSPECTIONS, PREDICT, all_said, ask


@pytest.fixture
def decoded(monkeypatch):
    """Where photos were decoded."""
    calls, example = [], EXAMPLE.read_bytes()
    for module in (predictor, cache, thumbnails):

        def noted(source, module=module, decode=module.decode_image):
            if source != example:  # of the Start page, which is opened first
                calls.append(module.__name__.rpartition(".")[2])
            return decode(source)

        monkeypatch.setattr(module, "decode_image", noted)
    return calls


def test_a_photo_is_decoded_once_for_its_answer_and_once_to_be_shown(
    visit, model, photo, decoded
):
    app = ask(visit(PREDICT), dark=photo(20, side=400))
    assert decoded == ["predictor", "cache"]
    regions = app.radio[0]
    assert len(regions.options) > 1
    regions.set_value(2).run()
    app.slider[0].set_value(30).run()
    assert decoded == ["predictor", "cache"]


def test_of_a_batch_only_the_photos_that_are_looked_at_are_decoded_again(
    visit, model, photo, decoded
):
    app = ask(visit(PREDICT), a=photo(20), b=photo(30), c=photo(40))
    assert decoded == ["predictor"] * 3 + ["cache"]
    app.button(key="predict_next").click().run()
    assert decoded == ["predictor"] * 3 + ["cache"] * 2
    app.button(key="predict_previous").click().run()
    assert len(decoded) == 5


def test_a_photo_of_an_inspection_is_decoded_once_for_all_of_its_regions(
    visit, full, decoded
):
    kept = photos_of(full.id)[0]
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    app.radio(key=f"photo_region_{kept.inspection_id}/{kept.stored}").set_value(2).run()
    assert decoded == ["cache"]


def test_a_kept_photo_is_hashed_once(visit, inspect, photo, monkeypatch):
    hashed = []
    sha256 = hashlib.sha256
    content = photo(20)

    def noted(data=b"", **options):
        if data == content:
            hashed.append(data)
        return sha256(data, **options)

    inspection = inspect()
    app = visit(INSPECTIONS, inspection=inspection.id)
    uploader = app.file_uploader(key=f"inspection_more_{inspection.id}_files")
    uploader.upload("a.png", content)
    app.run()
    monkeypatch.setattr(hashlib, "sha256", noted)
    app.button(key="inspection_more_add").click().run()
    assert "Kept 1 photo." in app.success[0].value
    assert len(hashed) == 1


def test_both_pages_tell_the_thresholds_the_reasons_and_the_rule(
    visit, scaled_model, inspect, photo
):
    inspection = inspect(asked=scaled_model)
    add(inspection, full_answer(file="dark.png"), tone=20)
    (kept,) = photos_of(inspection.id)
    ways = (
        lambda: ask(visit(PREDICT), dark=photo(20)),
        lambda: visit(INSPECTIONS, inspection=inspection.id, photo=kept.id),
    )
    for look in ways:
        written = all_said(look())
        assert "From 95 % on, the answer is crack." in written
        assert "The model looks at this photo in" in written
        assert "The mean of the odds." in written


def test_a_photo_without_its_heatmap_is_shown_alone(visit, full):
    kept = photos_of(full.id)[0]
    photo_files._map_path(photo_files.photo_path(kept)).unlink()
    app = visit(INSPECTIONS, inspection=full.id, photo=kept.id)
    assert "no longer there" in all_said(app)
    assert [image.captions[0] for image in app.image] == ["As taken, 120 × 80 px"]
