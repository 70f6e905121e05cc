"""The report, in both formats from the same content."""

from __future__ import annotations

import html
import io
import re
import weakref
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from crack.errors import CrackError
from crack.inference.card import ModelCard, Thresholds
from crack.inference.prediction import Label, Reason, Spot
from crack.reporting.limits import DESIGN_NOTE, find_exposure
from crack.reporting.report import ElementState, Report, ReportPhoto
from crack.reporting.report_content import read_through
from crack.reporting.report_file import write_report
from crack.reporting.report_html import write_html
from crack.reporting.report_model import model_facts
from crack.reporting.report_pdf import write_pdf
from crack.reporting.report_words import CANNOT_TELL, REASONS, percent

MARKUP = '<b>x</b> & "q".png'
LETTERS = "Köprü \u0131ş\u0131k – Γέφυρα – Мост №4.jpg"

SET = {
    "title": "Campus walls",
    "kind": "photos",
    "n": 480,
    "accuracy": 0.99,
    "accuracy_interval": [0.98, 0.995],
    "recall": 0.97,
    "false_alarms": {"count": 3, "total": 240, "interval": [0.004, 0.04]},
    "in_training": True,
}
CARD = ModelCard(
    name="default",
    created="2026-11-22T18:42:46+00:00",
    backbone="surfaces",
    image_size=160,
    class_names=("crack", "no crack"),
    crack_class="crack",
    temperature=1.0,
    thresholds=Thresholds(no_crack=0.05, crack=0.95),
    dataset={"name": "walls", "source": "the campus", "train": 13575, "val": 3932},
    metrics={
        "sets": [SET, {**SET, "title": "Paintings", "in_training": False, "n": 99}]
    },
    run_id="20261122-beef",
    notes="Made for close photos of concrete.",
)


def picture(height=48, width=64, tone=120):
    return np.full((height, width, 3), tone, np.uint8)


def some_photos():
    return [
        ReportPhoto(
            "wall.jpg",
            4032,
            3024,
            Label.CRACK,
            0.9987,
            picture=picture(),
            overlay=picture(tone=200),
            spots=(Spot(1200, 800, 640, 480, 0.976), Spot(3, 2100, 320, 321, 0.81)),
            verdict="accepted",
            settled=Label.CRACK,
            note="Runs from the bearing\nto the beam.",
            width_mm=0.35,
            exposure=find_exposure("aci-humid"),
        ),
        ReportPhoto(
            MARKUP,
            640,
            480,
            Label.REVIEW,
            0.62,
            (Reason.CLOSE_CALL, Reason.BLURRED),
            picture=picture(64, 48, tone=90),
            verdict="corrected",
            settled=Label.NO_CRACK,
        ),
        ReportPhoto(LETTERS, 227, 227, Label.NO_CRACK, 0.0123, verdict="cannot tell"),
        ReportPhoto("scan.tif", error="Expected a picture, got <nothing>."),
    ]


def make_report(photos=None, **changes):
    report = Report(
        title="Inspection report",
        created=datetime(2026, 11, 22, 19, 40, tzinfo=UTC),
        model=model_facts("default", CARD),
        program="crack 0.1.0",
        photos=iter(some_photos() if photos is None else photos),
        structure="Bridge <4711>",
        element="Pier 2 & wall",
        inspected_on=date(2026, 11, 20),
        inspector="Dr. Ayşe Öztürk",
        note="Weather dry, 8 °C.",
        history=(
            ElementState(date(2024, 6, 11), "new", None),
            ElementState(date(2026, 11, 20), "grown", 0.35),
        ),
    )
    return replace(report, **changes)


def as_html(report):
    file = io.BytesIO()
    write_html(report, file)
    return file.getvalue().decode("utf-8")


def as_pdf(report):
    file = io.BytesIO()
    write_pdf(report, file)
    return PdfReader(file)


def html_text(report):
    page = re.sub(r"<style>.*?</style>", "", as_html(report), flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def pdf_text(report):
    return " ".join(page.extract_text() for page in as_pdf(report).pages)


def squeezed(text):
    # Lines break elsewhere in each format.
    return re.sub(r"\s+", "", text)


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
    "Verdicts of a person: 3 of 4 photos. Settled as crack: 1, as no crack: 1, left "
    "open: 1.",
    "Widest measured crack: 0.35 mm (photo 1). Widths compared with the value of "
    "their exposure: 1, of them above it: 1.",
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
    for words in ("Structure", "Inspector", "Crackwidth", "Verdictsofaperson"):
        assert words not in text
    for words in ("couldnotberead", "Historyofthe", "Reasonsforreview", "Thetint"):
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


def test_html_is_one_file_without_scripts_or_anything_from_outside():
    page = as_html(make_report())
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:image/jpeg;base64,|#)', page) == []
    assert "@import" not in page
    assert "url(" not in page
    assert '<html lang="en">' in page
    assert page.startswith("<!DOCTYPE html>")


def test_html_escapes_what_users_wrote():
    page = as_html(make_report())
    assert "<b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt; &amp; &#34;q&#34;.png" in page
    assert "Bridge &lt;4711&gt;" in page


def test_links_of_the_html_lead_somewhere():
    page = as_html(make_report())
    anchors = set(re.findall(r' id="([^"]+)"', page))
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert {"summary", "photo-1", "photo-4"} <= links <= anchors


def test_pictures_of_the_html_are_described():
    page = as_html(make_report())
    assert page.count("<img ") == 3
    assert 'alt="Photo 1, wall.jpg"' in page
    assert 'alt="Photo 1, wall.jpg, tinted where the model sees a crack"' in page


def test_places_are_framed_on_the_tinted_picture_only():
    page = as_html(make_report())
    assert page.count('class="spots" viewBox="0 0 4032 3024"') == 1
    assert '<rect x="1200" y="800" width="640" height="480"/>' in page


def test_the_pdf_has_title_language_and_outline():
    reader = as_pdf(make_report())
    title = "Inspection report: Bridge <4711>, Pier 2 & wall"
    assert reader.metadata.title == title
    assert reader.metadata.author == "Dr. Ayşe Öztürk"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    sections = [entry for entry in reader.outline if not isinstance(entry, list)]
    assert [section.title for section in sections] == [
        "Summary",
        "How to read this",
        "Photos",
        "Photos that could not be read",
        "Crack widths and design values",
        "History of the element",
        "Model and data",
        "What the program cannot tell",
    ]
    photos = reader.outline[3]
    assert [photo.title for photo in photos] == [
        "1. wall.jpg: crack",
        f"2. {MARKUP}: needs review",
        f"3. {LETTERS}: no crack",
    ]


def test_the_pdf_counts_its_pages():
    photos = [replace(some_photos()[0], name=f"{n}.jpg") for n in range(12)]
    pages = as_pdf(make_report(photos)).pages
    assert len(pages) > 6
    for number, page in enumerate(pages, start=1):
        text = squeezed(page.extract_text())
        assert f"page{number}of{len(pages)}" in text
        assert ("Inspectionreport:Bridge<4711>" in text) == (number > 1)


def test_the_pdf_holds_the_jpegs_and_its_fonts():
    reader = as_pdf(make_report())
    pictures = [image for page in reader.pages for image in page.images]
    sizes = sorted(image.image.size for image in pictures)
    assert sizes == [(48, 64), (64, 48), (64, 48)]
    assert all(image.image.format == "JPEG" for image in pictures)
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert any(font.endswith("+NotoSans-Bold") for font in fonts), fonts


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


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1e-6, "under 0.01 %"),
        (0.00999, "1.00 %"),
        (0.5, "50.0 %"),
        (0.999, "99.90 %"),
        (0.999999, "over 99.99 %"),
        (1, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share, text):
    assert percent(share) == text


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


@pytest.mark.parametrize(("name", "start"), [("a.HTML", b"<!DOC"), ("a.pdf", b"%PDF")])
def test_the_suffix_chooses_the_format(tmp_path, name, start):
    write_report(make_report(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.docx", "a", "missing/a.pdf"])
def test_a_path_that_cannot_be_is_refused_before_any_photo_is_read(tmp_path, name):
    def photos():
        pytest.fail("a photo was asked for")
        yield

    with pytest.raises(CrackError):
        write_report(make_report(photos()), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_report(tmp_path):
    (tmp_path / "a.html").mkdir()
    with pytest.raises(CrackError, match="is a folder"):
        write_report(make_report(), tmp_path / "a.html")


@pytest.mark.parametrize("name", ["a.html", "a.pdf"])
def test_a_report_that_fails_leaves_the_earlier_one(tmp_path, name):
    def photos():
        yield some_photos()[0]
        raise CrackError("The disk was pulled out.")

    (tmp_path / name).write_bytes(b"earlier")
    with pytest.raises(CrackError, match="pulled out"):
        write_report(make_report(photos()), tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"earlier"
    assert [path.name for path in tmp_path.iterdir()] == [name]
