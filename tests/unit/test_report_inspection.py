"""A stored inspection as a report."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image

from crack import settings
from crack.errors import CrackError
from crack.inference.card import ModelCard, Thresholds
from crack.inference.prediction import Label, Prediction, Reason, Spot
from crack.inspections.records import ModelVersion, Verdict, VerdictKind
from crack.inspections.store import (
    add_photo,
    create_inspection,
    delete_inspection,
    find_inspection,
    give_verdict,
)
from crack.reporting.limits import find_exposure
from crack.reporting.report_html import write_html
from crack.reporting.report_inspection import inspection_report, stored_model_facts
from crack.reporting.report_model import model_facts
from crack.runs.registry import Model, find_model

CARD = ModelCard(
    name="walls",
    created="2026-11-20T12:00:00+00:00",
    backbone="none",
    image_size=64,
    class_names=("crack", "no crack"),
    crack_class="crack",
    temperature=1.75,
    offset=-0.25,
    thresholds=Thresholds(0.05, 0.95),
    dataset={"name": "campus walls", "train": 800, "val": 200},
    metrics={},
    run_id="20261120-120000-none-a1b2",
)
CRACK = Verdict(VerdictKind.ACCEPT, width_mm=0.35, exposure="aci-humid", note="wet")
NO_CRACK = Verdict(VerdictKind.CORRECT, label=Label.NO_CRACK)
CANNOT_TELL = Verdict(VerdictKind.CANNOT_TELL, note="leaves")
SPOT = Spot(10, 20, 30, 40, 0.97)


def keep_model(card: ModelCard = CARD) -> Model:
    folder = settings.models_dir() / "walls"
    folder.mkdir(parents=True, exist_ok=True)
    card.write(folder)
    return find_model("walls")


def inspect(day: date = date(2026, 11, 22), element: str = "Pier 2"):
    return create_inspection("Bridge 7", element, day, keep_model(), "from a boat")


def png(tone: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (120, 80), (tone, tone, tone)).save(buffer, "PNG")
    return buffer.getvalue()


def answer(label: Label | None = Label.CRACK, **changes) -> Prediction:
    probability = {Label.CRACK: 0.99, Label.REVIEW: 0.5, Label.NO_CRACK: 0.01}
    answered = Prediction(
        file="a.png",
        label=label,
        probability=probability.get(label),
        threshold=0.95,
        width=120,
        height=80,
        seconds=0.25,
        error=None,
        crack_map=np.full((2, 3), 4, np.float32),
        spots=(SPOT,),
    )
    return replace(answered, **changes)


def add(inspection, prediction=None, verdict=None, tone=120, scale=None):
    photo = add_photo(inspection.id, png(tone), prediction or answer(), scale)
    return photo if verdict is None else give_verdict(photo.id, verdict)


def reported(inspection):
    return list(inspection_report(inspection).photos)


def photo_file(inspection, suffix):
    folder = settings.home() / "inspections" / inspection.id
    return next(folder.glob(f"*{suffix}"))


def test_the_cover_is_what_was_entered():
    report = inspection_report(inspect(), " R. Ada ")
    assert (report.structure, report.element) == ("Bridge 7", "Pier 2")
    assert report.inspected_on == date(2026, 11, 22)
    assert (report.inspector, report.note) == ("R. Ada", "from a boat")


def test_a_photo_has_its_answer_pictures_and_places_and_no_verdict_at_first():
    inspection = inspect()
    add(inspection, answer(Label.REVIEW, reasons=(Reason.DARK,)))
    (photo,) = reported(inspection)
    assert (photo.label, photo.probability) == (Label.REVIEW, 0.5)
    assert photo.reasons == (Reason.DARK,)
    assert photo.spots == (SPOT,)
    assert photo.picture.shape == photo.overlay.shape == (80, 120, 3)
    assert (photo.picture == 120).all()
    assert (photo.overlay != photo.picture).any()
    assert (photo.verdict, photo.settled) == ("", None)


@pytest.mark.parametrize(
    ("label", "verdict", "words", "settled"),
    [
        (Label.CRACK, CRACK, "accepted", Label.CRACK),
        (Label.CRACK, NO_CRACK, "corrected", Label.NO_CRACK),
        (Label.NO_CRACK, NO_CRACK, "accepted", Label.NO_CRACK),
        (Label.REVIEW, NO_CRACK, "decided", Label.NO_CRACK),
        (Label.CRACK, CANNOT_TELL, "cannot tell", None),
    ],
)
def test_a_verdict_is_told_with_what_counts_in_the_end(label, verdict, words, settled):
    inspection = inspect()
    add(inspection, answer(label), verdict)
    (photo,) = reported(inspection)
    assert (photo.verdict, photo.settled) == (words, settled)
    assert photo.note == verdict.note


def test_a_width_comes_with_its_exposure_where_there_is_a_crack():
    inspection = inspect()
    add(inspection, verdict=CRACK)
    (photo,) = reported(inspection)
    assert photo.width_mm == 0.35
    assert photo.exposure == find_exposure("aci-humid")


def test_a_width_does_not_count_where_there_is_no_crack():
    inspection = inspect()
    add(inspection, verdict=replace(NO_CRACK, width_mm=0.35))
    (photo,) = reported(inspection)
    assert photo.width_mm is None


def test_an_unreadable_photo_keeps_its_reason():
    inspection = inspect()
    add(inspection, answer(None, error="Damaged.", width=None, height=None))
    (photo,) = reported(inspection)
    assert (photo.label, photo.error) == (None, "Damaged.")


@pytest.mark.parametrize("suffix", [".png", ".npy"])
def test_a_photo_whose_file_is_gone_keeps_its_answer_and_says_so(suffix):
    inspection = inspect()
    add(inspection, verdict=CRACK)
    photo_file(inspection, suffix).unlink()
    (photo,) = reported(inspection)
    assert (photo.label, photo.probability) == (Label.CRACK, 0.99)
    assert (photo.width, photo.height, photo.spots) == (120, 80, (SPOT,))
    assert photo.settled is Label.CRACK
    assert photo.overlay is None
    first, second = photo.note.splitlines()
    assert first == "wet"
    assert "cannot be read" in second or "no longer there" in second


def test_photos_are_read_when_they_are_asked_for():
    inspection = inspect()
    for tone in (10, 20):
        add(inspection, tone=tone)
    photos = inspection_report(inspection).photos
    assert (next(photos).picture == 10).all()
    for file in (settings.home() / "inspections" / inspection.id).glob("*.png"):
        file.unlink()
    assert next(photos).picture is None


def test_the_history_goes_up_to_this_inspection():
    dated = [(2022, 0.15), (2024, 0.35), (2026, 0.5)]
    made = [inspect(date(year, 5, 1)) for year, _ in dated]
    for inspection, (_, width) in zip(made, dated, strict=True):
        add(inspection, verdict=replace(CRACK, width_mm=width))
    told = [
        (state.inspected_on.year, state.status, state.widest_mm)
        for state in inspection_report(made[1]).history
    ]
    assert told == [(2022, "crack, new", 0.15), (2024, "crack, grown", 0.35)]


def test_an_inspection_without_verdicts_is_not_settled_in_the_history():
    inspection = inspect()
    add(inspection)
    (state,) = inspection_report(inspection).history
    assert (state.status, state.widest_mm) == ("not settled", None)


def test_the_model_is_described_by_its_card_while_it_is_the_same():
    inspection = inspect()
    changed = replace(CARD, thresholds=Thresholds(0.2, 0.8), temperature=9.0, offset=9)
    keep_model(changed)
    expected = model_facts("walls", CARD)
    calibration = "Temperature 1.75, offset -0.25."
    assert stored_model_facts(inspection.model) == replace(expected, notes=calibration)
    assert expected.trained_on == "campus walls, 800 images"


def test_a_model_trained_anew_under_the_name_is_not_taken_for_the_old_one():
    inspection = inspect()
    keep_model(replace(CARD, created="2027-01-01T00:00:00+00:00"))
    facts = stored_model_facts(inspection.model)
    assert facts.version == "exported 20 November 2026, 12:00 UTC"
    assert facts.thresholds == CARD.thresholds
    assert facts.run_id == CARD.run_id
    assert facts.trained_on == "not known any more"
    assert "another model has this name now" in facts.notes
    assert "Temperature 1.75, offset -0.25." in facts.notes


def test_a_deleted_model_is_said_to_be_gone():
    stored = ModelVersion("gone", "some day", "", Thresholds(0.1, 0.9), 1.0, 0.0)
    facts = stored_model_facts(stored)
    assert facts.version == "some day"
    assert "no model of this name any more" in facts.notes


@pytest.mark.parametrize(
    ("scales", "told"),
    [
        ((None, None), ""),
        ((0.5, 0.5), "All photos were judged at a known scale: 0.5 mm per pixel."),
        (
            (0.25, 0.5, None),
            "2 of 3 photos were judged at a known scale: 0.25 to 0.5 mm per pixel.",
        ),
    ],
)
def test_the_scale_of_the_photos_is_told_where_one_was_used(scales, told):
    inspection = inspect()
    failed = answer(None, error="Damaged.", width=None, height=None)
    add(inspection, failed, tone=9)
    for tone, scale in enumerate(scales):
        add(inspection, tone=tone, scale=scale)
    notes = inspection_report(inspection).model.notes
    assert notes == f"Temperature 1.75, offset -0.25. {told}".strip()


def test_the_page_says_what_was_stored():
    inspection = inspect()
    add(inspection, verdict=CRACK, scale=0.5)
    page = io.BytesIO()
    write_html(inspection_report(find_inspection(inspection.id)), page)
    text = page.getvalue().decode().replace("\u00a0", " ")
    assert "Accepted: crack" in text
    assert "0.35 mm measured" in text
    assert "Temperature 1.75, offset -0.25." in text
    assert "0.5 mm per pixel" in text
    assert "exported 20 November 2026, 12:00 UTC" in text
    assert "from a boat" in text


def test_a_deleted_inspection_has_no_report():
    inspection = inspect()
    delete_inspection(inspection.id)
    with pytest.raises(CrackError, match="no inspection"):
        inspection_report(inspection)
