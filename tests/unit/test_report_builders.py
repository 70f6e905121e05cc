"""A stored inspection as a report."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest

from crack import settings
from crack.errors import CrackError
from crack.inference.prediction import Label, Reason
from crack.inference.thresholds import Thresholds
from crack.inspections.records import ModelVersion
from crack.inspections.store import delete_inspection, find_inspection
from crack.reporting.exposure import find_exposure
from crack.reporting.report.builders import (
    inspection_report,
    stored_model_facts,
)
from crack.reporting.report.html import write_html
from crack.reporting.report.model_facts import model_facts
from crack.runs.registry import rename_model
from tests.cards import PLAIN
from tests.inspections import (
    ACCEPT,
    CANNOT_TELL,
    CARD,
    FAILED,
    HEIGHT,
    IS_NO_CRACK,
    REGIONS,
    WIDTH,
    add,
    full_answer,
    inspect,
)

CRACK = replace(ACCEPT, width_mm=0.35, exposure="aci-humid", note="wet")
LEAVES = replace(CANNOT_TELL, note="leaves")


@pytest.fixture(autouse=True)
def kept_model():
    """The model that is asked, as far as its card goes."""
    keep_card(CARD)


def keep_card(card):
    folder = settings.models_dir() / "walls"
    folder.mkdir(parents=True, exist_ok=True)
    card.write(folder)


def reported(inspection):
    return list(inspection_report(inspection).photos)


def photo_file(inspection, suffix):
    folder = settings.home() / "inspections" / inspection.id
    return next(folder.glob(f"*{suffix}"))


def test_the_cover_is_what_was_entered():
    report = inspection_report(inspect(note="from a boat"), " R. Ada ")
    assert (report.structure, report.element) == ("Bridge 7", "Pier 2")
    assert report.inspected_on == date(2026, 11, 22)
    assert (report.inspector, report.note) == ("R. Ada", "from a boat")


def test_a_photo_has_its_answer_pictures_and_places_and_no_verdict_at_first():
    inspection = inspect()
    add(inspection, full_answer(Label.REVIEW, reasons=(Reason.DARK,)), tone=120)
    (photo,) = reported(inspection)
    assert (photo.label, photo.probability) == (Label.REVIEW, 0.5)
    assert photo.reasons == (Reason.DARK,)
    assert photo.regions == REGIONS
    assert photo.picture.shape == photo.overlay.shape == (HEIGHT, WIDTH, 3)
    assert (photo.picture == 120).all()
    assert (photo.overlay != photo.picture).any()
    assert (photo.verdict, photo.settled) == ("", None)


@pytest.mark.parametrize(
    ("label", "verdict", "words", "settled"),
    [
        (Label.CRACK, CRACK, "accepted", Label.CRACK),
        (Label.CRACK, IS_NO_CRACK, "corrected", Label.NO_CRACK),
        (Label.NO_CRACK, IS_NO_CRACK, "accepted", Label.NO_CRACK),
        (Label.REVIEW, IS_NO_CRACK, "decided", Label.NO_CRACK),
        (Label.CRACK, LEAVES, "cannot tell", None),
    ],
)
def test_a_verdict_is_told_with_what_counts_in_the_end(label, verdict, words, settled):
    inspection = inspect()
    add(inspection, full_answer(label), verdict)
    (photo,) = reported(inspection)
    assert (photo.verdict, photo.settled) == (words, settled)
    assert photo.note == verdict.note


def test_a_width_comes_with_its_exposure_where_there_is_a_crack():
    inspection = inspect()
    add(inspection, full_answer(), CRACK)
    (photo,) = reported(inspection)
    assert photo.width_mm == 0.35
    assert photo.exposure == find_exposure("aci-humid")


def test_a_width_does_not_count_where_there_is_no_crack():
    inspection = inspect()
    add(inspection, full_answer(), replace(IS_NO_CRACK, width_mm=0.35))
    (photo,) = reported(inspection)
    assert photo.width_mm is None


def test_an_unreadable_photo_keeps_its_reason():
    inspection = inspect()
    add(inspection, FAILED)
    (photo,) = reported(inspection)
    assert (photo.label, photo.error) == (None, FAILED.error)


@pytest.mark.parametrize("suffix", [".png", ".npy"])
def test_a_photo_whose_file_is_gone_keeps_its_answer_and_says_so(suffix):
    inspection = inspect()
    add(inspection, full_answer(), CRACK)
    photo_file(inspection, suffix).unlink()
    (photo,) = reported(inspection)
    assert (photo.label, photo.probability) == (Label.CRACK, 0.99)
    assert (photo.width, photo.height, photo.regions) == (WIDTH, HEIGHT, REGIONS)
    assert photo.settled is Label.CRACK
    assert photo.overlay is None
    first, second = photo.note.splitlines()
    assert first == "wet"
    assert "cannot be read" in second or "no longer there" in second


def test_photos_are_read_when_they_are_asked_for():
    inspection = inspect()
    for tone in (10, 20):
        add(inspection, full_answer(), tone=tone)
    photos = inspection_report(inspection).photos
    assert (next(photos).picture == 10).all()
    for file in (settings.home() / "inspections" / inspection.id).glob("*.png"):
        file.unlink()
    assert next(photos).picture is None


def test_the_history_goes_up_to_this_inspection():
    dated = [(2022, 0.15), (2024, 0.35), (2026, 0.5)]
    made = [inspect(day=date(year, 5, 1)) for year, _ in dated]
    for inspection, (_, width) in zip(made, dated, strict=True):
        add(inspection, full_answer(), replace(CRACK, width_mm=width))
    told = [
        (state.inspected_on.year, state.status, state.widest_mm)
        for state in inspection_report(made[1]).history
    ]
    assert told == [(2022, "crack, first recorded", 0.15), (2024, "crack, grown", 0.35)]


def test_an_inspection_without_verdicts_is_not_settled_in_the_history():
    inspection = inspect()
    add(inspection, full_answer())
    (state,) = inspection_report(inspection).history
    assert (state.status, state.widest_mm) == ("not settled", None)


def test_the_model_is_described_by_its_card_while_it_is_the_same():
    inspection = inspect()
    changed = replace(CARD, thresholds=Thresholds(0.2, 0.8), temperature=9.0, offset=9)
    keep_card(changed)
    expected = model_facts("walls", CARD)
    calibration = "Temperature 1.73, offset -0.41."
    assert stored_model_facts(inspection.model) == replace(expected, notes=calibration)
    assert expected.trained_on == "campus walls, 800 images"


def test_a_renamed_model_is_described_by_its_card_too():
    inspection = inspect()
    keep_card(CARD)
    rename_model("walls", "bridge")
    facts = stored_model_facts(inspection.model)
    assert (facts.name, facts.trained_on) == ("walls", "campus walls, 800 images")
    assert "It is now called 'bridge'." in facts.notes


def test_a_model_trained_anew_under_the_name_is_not_taken_for_the_old_one():
    inspection = inspect()
    keep_card(replace(CARD, created="2027-01-01T00:00:00+00:00"))
    facts = stored_model_facts(inspection.model)
    assert facts.version == "exported 20 November 2026, 12:00 UTC"
    assert facts.thresholds == CARD.thresholds
    assert facts.run_id == CARD.run_id
    assert facts.trained_on == "no longer known"
    assert "another model has this name now" in facts.notes
    assert "Temperature 1.73, offset -0.41." in facts.notes


def test_a_deleted_model_is_said_to_be_gone():
    stored = ModelVersion("gone", "some day", "", Thresholds(0.1, 0.9), 1.0, 0.0)
    facts = stored_model_facts(stored)
    assert facts.version == "some day"
    assert "no longer a model of this name" in facts.notes


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
    add(inspection, FAILED)
    for tone, scale in enumerate(scales):
        add(inspection, full_answer(mm_per_pixel=scale), tone=tone)
    notes = inspection_report(inspection).model.notes
    assert notes == f"Temperature 1.73, offset -0.41. {told}".strip()


def test_the_page_says_what_was_stored():
    inspection = inspect(note="from a boat")
    add(inspection, full_answer(mm_per_pixel=0.5), CRACK)
    page = io.BytesIO()
    write_html(inspection_report(find_inspection(inspection.id)), page)
    text = page.getvalue().decode().replace("\u00a0", " ")
    assert "Accepted: crack" in text
    assert "0.35 mm measured" in text
    assert "Temperature 1.73, offset -0.41." in text
    assert "0.5 mm per pixel" in text
    assert "exported 20 November 2026, 12:00 UTC" in text
    assert "from a boat" in text


def test_a_deleted_inspection_has_no_report():
    inspection = inspect()
    delete_inspection(inspection.id)
    with pytest.raises(CrackError, match="no inspection"):
        inspection_report(inspection)


def test_a_report_names_the_fingerprints_of_what_was_learned_from():
    known = {"name": "walls", "fingerprint": "a1", "split_fingerprint": "b2"}
    assert model_facts("m", replace(PLAIN, dataset=known)).fingerprints == (
        "dataset a1, split b2"
    )
    assert model_facts("m", replace(PLAIN, dataset={})).fingerprints == ""
