"""The report as PDF."""

from __future__ import annotations

from dataclasses import replace

from tests.reports import LETTERS, MARKUP, as_pdf, make_report, some_photos, squeezed


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
