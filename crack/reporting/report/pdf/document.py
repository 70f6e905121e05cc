"""A report as PDF, with an outline, page numbers and fonts of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from crack.reporting.report.content import Content, read_through
from crack.reporting.report.pdf.story import WIDTH, tell
from crack.reporting.report.pdf.typography import (
    FAINT,
    LINE,
    REGULAR,
    printable,
    register_fonts,
)
from crack.reporting.report.report_data import Report
from crack.reporting.words import day

# Pictures are embedded as JPEG bytes; as text they would take a quarter more.
rl_config.useA85 = 0

_MARGIN = (A4[0] - WIDTH) / 2
_TOP, _BOTTOM = 20 * mm, 18 * mm
_LONGEST = 300  # characters of a header, more than fit on any page
_FURNITURE = 7.5  # points, type size of header and footer


def write_pdf(report: Report, file: BinaryIO) -> None:
    """Write a report as PDF.

    Args:
        report: Its photos are consumed.
        file: Opened for writing bytes.
    """
    register_fonts()
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        content = read_through(report, Path(folder))
        _Document(content, file).build(list(tell(content)), canvasmaker=_Numbered)


class _Numbered(Canvas):
    """A canvas that writes the number of pages on each page.

    The number is a PDF form that each page draws and that is defined after the last
    one.
    """

    def showPage(self) -> None:  # noqa: N802, the name is ReportLab's
        """End the page with its number."""
        self.saveState()
        self.setFont(REGULAR, _FURNITURE)
        self.setFillColor(FAINT)
        said = f"page {self.getPageNumber()} of "
        self.drawString(_MARGIN, 10 * mm, said)
        self.translate(_MARGIN + self.stringWidth(said, REGULAR, _FURNITURE), 10 * mm)
        self.doForm("pages")
        self.restoreState()
        super().showPage()

    def save(self) -> None:
        """Define the number of pages, then write the file."""
        self.beginForm("pages")
        self.setFont(REGULAR, _FURNITURE)
        self.setFillColor(FAINT)
        self.drawString(0, 0, str(self.getPageNumber() - 1))
        self.endForm()
        super().save()


class _Document(BaseDocTemplate):
    """A4 pages with structure and element above, page and program below."""

    def __init__(self, content: Content, file: BinaryIO) -> None:
        report = content.report
        super().__init__(
            file,
            pagesize=A4,
            title=printable(_title(content)),
            author=printable(report.inspector) or None,
            subject=printable(content.place) or None,
            creator=report.program,
            lang="en",
            displayDocTitle=1,
            invariant=1,  # the same report is the same file
        )
        # By default frames pad their content by 6 points.
        frame = Frame(
            _MARGIN, _BOTTOM, WIDTH, A4[1] - _TOP - _BOTTOM, 0, 0, 0, 0, id="page"
        )
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._furnish))
        self._content = content

    def _furnish(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        report = self._content.report
        if canvas.getPageNumber() == 1:
            created = f"D:{report.created:%Y%m%d%H%M%S}"
            canvas.setDateFormatter(lambda *_: created)
        canvas.saveState()
        canvas.setFont(REGULAR, _FURNITURE)
        canvas.setFillColor(FAINT)
        if canvas.getPageNumber() > 1:
            when = day(report.inspected_on or report.created)
            room = WIDTH - canvas.stringWidth(when, REGULAR, _FURNITURE) - 5 * mm
            place = _shortened(canvas, _title(self._content), room)
            canvas.drawString(_MARGIN, A4[1] - 13 * mm, place)
            canvas.drawRightString(A4[0] - _MARGIN, A4[1] - 13 * mm, when)
            canvas.setStrokeColor(LINE)
            canvas.setLineWidth(0.5)
            canvas.line(_MARGIN, A4[1] - 15 * mm, A4[0] - _MARGIN, A4[1] - 15 * mm)
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, printable(report.program))
        canvas.restoreState()


def _title(content: Content) -> str:
    title, place = content.report.title, content.place
    return f"{title}: {place}" if place else title


def _shortened(canvas: Canvas, text: str, width: float) -> str:
    text = printable(text).replace("\n", " ")[:_LONGEST]
    if canvas.stringWidth(text, REGULAR, _FURNITURE) <= width:
        return text
    while text and canvas.stringWidth(f"{text}…", REGULAR, _FURNITURE) > width:
        text = text[:-1]
    return f"{text}…"
