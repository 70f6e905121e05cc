"""A report with something of everything, and how its files are read in tests."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
from pypdf import PdfReader

from crack.inference.prediction import Label, Reason, Region
from crack.reporting.exposure import find_exposure
from crack.reporting.report.html import write_html
from crack.reporting.report.model_facts import model_facts
from crack.reporting.report.pdf.document import write_pdf
from crack.reporting.report.report_data import ElementFinding, Report, ReportPhoto
from tests.cards import PLAIN

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
CARD = replace(
    PLAIN,
    name="default",
    created="2026-11-22T18:42:46+00:00",
    backbone="surfaces",
    image_size=160,
    dataset={"name": "walls", "source": "the campus", "train": 13575, "val": 3932},
    metrics={
        "sets": [SET, {**SET, "title": "Paintings", "in_training": False, "n": 99}]
    },
    run_id="20261122-beef",
    notes="Made for close photos of concrete.",
)


def picture(height: int = 48, width: int = 64, tone: int = 120) -> np.ndarray:
    """Pixels of one shade of grey."""
    return np.full((height, width, 3), tone, np.uint8)


def some_photos() -> list[ReportPhoto]:
    """One photo of each answer, and one that could not be read."""
    return [
        ReportPhoto(
            "wall.jpg",
            4032,
            3024,
            Label.CRACK,
            0.9987,
            picture=picture(),
            overlay=picture(tone=200),
            regions=(
                Region(1200, 800, 640, 480, 0.976),
                Region(3, 2100, 320, 321, 0.81),
            ),
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


def make_report(
    photos: Iterable[ReportPhoto] | None = None, **changes: object
) -> Report:
    """Fill in a report, of `some_photos` unless others are given."""
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
            ElementFinding(date(2024, 6, 11), "new", None),
            ElementFinding(date(2026, 11, 20), "grown", 0.35),
        ),
    )
    return replace(report, **changes)


def as_html(report: Report) -> str:
    """The page."""
    file = io.BytesIO()
    write_html(report, file)
    return file.getvalue().decode("utf-8")


def as_pdf(report: Report) -> PdfReader:
    """The document, to be looked into."""
    file = io.BytesIO()
    write_pdf(report, file)
    return PdfReader(file)


def squeezed(text: str) -> str:
    """A text without white space: lines break elsewhere in each format."""
    return re.sub(r"\s+", "", text)
