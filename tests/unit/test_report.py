"""What a report says, in both formats from the same content."""

from __future__ import annotations

import html
import io
import re
import weakref
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from PIL import Image

from crack.inference.prediction import Label, Reason
from crack.reporting.exposure import DESIGN_NOTE
from crack.reporting.report.content import read_through
from crack.reporting.report.html import write_html
from crack.reporting.report.model_facts import model_facts
from crack.reporting.report.pdf.document import write_pdf
from crack.reporting.report.report_data import ReportPhoto
from crack.reporting.words import CANNOT_TELL, REASONS
from tests.reports import (
    CARD,
    LETTERS,
    MARKUP,
    as_html,
    as_pdf,
    make_report,
    picture,
    some_photos,
    squeezed,
)


def html_text(report):
    page = re.sub(r"<style>.*?</style>", "", as_html(report), flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def pdf_text(report):
    return " ".join(page.extract_text() for page in as_pdf(report).pages)


@pytest.fixture(params=[html_text, pdf_text], ids=["html", "pdf"])
def said(request):
    """Everything a format says of a report, without white space."""
    return lambda report: squeezed(request.param(report))


FACTS = [
    "Inspection report",
    "Bridge <4711>",
    "Pier 2 & wall",
    "20 November 2026",
    "Dr. Ayşe Öztürk",
    "Weather dry, 8 °C.",
    "model “default”, exported 22 November 2026, 18:42 UTC",
    "22 November 2026, 19:40 UTC, with crack 0.1.0",
    "Verdicts by a person: 3 of 4 photos. Settled as crack: 1, as no crack: 1, left "
    "open: 1.",
    "Widest measured crack: 0.35 mm (photo 1). Widths compared with the value of "
    "their exposure: 1, of which above it: 1.",
    "The probability of a crack is 95 % or more.",
    "from 5 % up to 95 %",
    "below 5 %",
    "calibrated on 3,932 validation images of walls",
    "not the outline of a crack",
    "blurred a fine crack would not be seen",
    "1. wall.jpg",
    "99.87 %",
    "4032 × 3024 px",
    "1 1200 px 800 px 640 × 480 px 97.6 %",
    "2 3 px 2100 px 320 × 321 px 81.0 %",
    "Accepted: crack",
    "Runs from the bearing to the beam.",
    "0.35 mm measured; the guide value of ACI 224R-01 Table 4.1 for humidity, moist "
    "air, soil is 0.30 mm: above it",
    "0.35 mm, above 0.30 mm",
    f"2. {MARKUP}",
    "Needs review",
    "close call, blurred",
    "Corrected: no crack",
    f"3. {LETTERS}",
    "1.2 %",
    "Cannot tell",
    "4. scan.tif",
    "Expected a picture, got <nothing>.",
    DESIGN_NOTE,
    "11 June 2024 New not measured",
    "20 November 2026 Grown 0.35 mm",
    "20261122-beef",
    "walls, 13,575 images",
    "the campus",
    "Made for close photos of concrete.",
    "Measured on other images from sources it learned from",
    "Campus walls: 480 images 99.0 % (98.0 % to 99.50 %) 97.0 % "
    "3 of 240 (0.40 % to 4.0 %)",
    "Measured on sources it never saw",
    "Paintings: 99 images",
    *CANNOT_TELL,
]


def test_every_fact_is_said(said):
    text = said(make_report())
    assert [fact for fact in FACTS if squeezed(fact) not in text] == []


def test_nothing_is_said_twice_over_or_of_what_is_not_there(said):
    alone = ReportPhoto("a.jpg", 64, 48, Label.NO_CRACK, 0.01)
    report = make_report([alone], structure="", element="", inspector="", history=())
    text = said(report)
    for words in ("Structure", "Inspector", "Crackwidth", "Verdictsbyaperson"):
        assert words not in text
    for words in ("couldnotberead", "Historyofthe", "Reasonsforreview", "Theheatmap"):
        assert words not in text
    assert "theanswersoftheprogramalone" in text


def test_a_report_without_photos_says_so(said):
    assert "Photos0" in said(make_report([]))


def test_a_model_with_one_test_set_has_its_result(said):
    test = {"n": 200, "accuracy": 0.95, "recall": None}
    card = replace(CARD, metrics={"test": test}, created="yesterday")
    text = said(make_report(model=model_facts("mine", card)))
    assert squeezed("test images of walls: 200 images 95.0 % (91.0 % to") in text
    assert "model“mine”,yesterday" in text


def test_a_model_without_results_is_no_error(said):
    card = replace(CARD, metrics={"test": {"n": 0}}, dataset={})
    assert "unknownimages" in said(make_report(model=model_facts("mine", card)))


def test_no_photo_is_lost_and_pictures_are_let_go_one_by_one(said):
    alive = set()

    def photos():
        for number in range(60):
            pixels = picture(tone=number)
            alive.add(number)
            weakref.finalize(pixels, alive.discard, number)
            yield ReportPhoto(
                f"photo-{number:03d}.jpg", 64, 48, Label.CRACK, 0.99, picture=pixels
            )
            del pixels
            assert len(alive) <= 2

    text = said(make_report(photos()))
    for number in range(60):
        assert text.count(f"{number + 1}.photo-{number:03d}.jpg") == 2
    assert alive == set()


@pytest.mark.parametrize(
    "name",
    ["crack 🙂 橋.jpg", "half\udcff a\x00\x07 byte.jpg", "‮gpj.‭", "n" * 6000, "", " "],
    ids=["no glyph", "no text", "right to left", "long", "empty", "blank"],
)
def test_any_name_can_be_written(name):
    photo = replace(some_photos()[0], name=name)
    assert "99.87" in squeezed(html_text(make_report([photo], structure=name)))
    assert "99.87" in squeezed(pdf_text(make_report([photo], structure=name)))


def test_a_note_longer_than_a_page_is_kept_whole(said):
    photo = replace(some_photos()[0], note="brzk " * 4000 + "end of it")
    text = said(make_report([photo]))
    assert text.count("brzk") == 4000
    assert text.count("endofit") == 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 1400), (1400, 3)])
def test_pictures_of_any_shape_fit(shape):
    photo = replace(some_photos()[0], picture=picture(*shape), overlay=picture(*shape))
    assert len(as_pdf(make_report([photo])).pages) >= 2
    assert as_html(make_report([photo])).count("data:image/jpeg;base64,") == 2


@pytest.mark.parametrize("write", [write_html, write_pdf])
def test_the_same_report_is_the_same_file(write):
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        write(make_report(), file)
    assert files[0].getvalue() == files[1].getvalue()


def test_pictures_are_the_photo_in_good_quality(tmp_path):
    gradient = np.tile(np.arange(256, dtype=np.uint8)[None, :, None], (64, 1, 3))
    photo = replace(some_photos()[0], picture=gradient, overlay=None)
    (entry,) = read_through(make_report([photo]), tmp_path).entries
    (kept,) = entry.pictures
    assert entry.photo.picture is None
    with Image.open(kept.file) as image:
        assert image.format == "JPEG"
        assert image.size == (kept.width, kept.height) == (256, 64)
        assert np.abs(np.asarray(image).astype(int) - gradient).max() <= 6


def test_every_reason_is_explained(said):
    text = said(make_report([replace(some_photos()[1], reasons=tuple(Reason))]))
    assert set(REASONS) == set(Reason)
    for reason, meaning in REASONS.items():
        assert squeezed(f"{reason} {meaning}") in text


def test_times_are_in_utc(said):
    zone = timezone(timedelta(hours=3))
    created = datetime(2026, 11, 23, 1, 40, tzinfo=zone)
    assert "22November2026,22:40UTC" in said(make_report(created=created))
    assert "23November2026,01:40," in said(
        make_report(created=created.replace(tzinfo=None))
    )
