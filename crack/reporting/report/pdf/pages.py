"""The pages of a PDF: what stands above and below the text, and their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from crack.reporting.report.pdf.typography import (
    FAINT,
    LINE,
    REGULAR,
    printable,
    register_fonts,
)
from crack.reporting.words import day

# Pictures are embedded as JPEG bytes; as text they would take a quarter more.
rl_config.useA85 = 0

WIDTH = A4[0] - 36 * mm
"""Of the text, in points."""

_MARGIN = (A4[0] - WIDTH) / 2
_TOP, _BOTTOM = 20 * mm, 18 * mm
_LONGEST = 300  # characters of a header, more than fit on any page
_FURNITURE = 7.5  # points, type size of header and footer


@dataclass(frozen=True)
class Imprint:
    """What is not in the text of a document but on each page, or in its properties.

    Attributes:
        title: Of the document, above each page but the first.
        program: Name and version of this program, below each page.
        created: When it was made.
        about: Day that it is about, above each page but the first.
        author: "" if not known.
        subject: "" if there is none.
    """

    title: str
    program: str
    created: datetime
    about: date
    author: str = ""
    subject: str = ""


def write_pages(story: Iterable[Flowable], imprint: Imprint, file: BinaryIO) -> None:
    """Write a PDF.

    Args:
        story: Its content.
        imprint: What else is on its pages.
        file: Opened for writing bytes.
    """
    register_fonts()
    _Document(imprint, file).build(list(story), canvasmaker=_Numbered)


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
    """A4 pages with the title above, page and program below."""

    def __init__(self, imprint: Imprint, file: BinaryIO) -> None:
        super().__init__(
            file,
            pagesize=A4,
            title=printable(imprint.title),
            author=printable(imprint.author) or None,
            subject=printable(imprint.subject) or None,
            creator=imprint.program,
            lang="en",
            displayDocTitle=1,
            invariant=1,  # the same report is the same file
        )
        # By default frames pad their content by 6 points.
        frame = Frame(
            _MARGIN, _BOTTOM, WIDTH, A4[1] - _TOP - _BOTTOM, 0, 0, 0, 0, id="page"
        )
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self._furnish))
        self._imprint = imprint

    def _furnish(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        imprint = self._imprint
        if canvas.getPageNumber() == 1:
            created = f"D:{imprint.created:%Y%m%d%H%M%S}"
            canvas.setDateFormatter(lambda *_: created)
        canvas.saveState()
        canvas.setFont(REGULAR, _FURNITURE)
        canvas.setFillColor(FAINT)
        if canvas.getPageNumber() > 1:
            when = day(imprint.about)
            room = WIDTH - canvas.stringWidth(when, REGULAR, _FURNITURE) - 5 * mm
            place = _shortened(canvas, imprint.title, room)
            canvas.drawString(_MARGIN, A4[1] - 13 * mm, place)
            canvas.drawRightString(A4[0] - _MARGIN, A4[1] - 13 * mm, when)
            canvas.setStrokeColor(LINE)
            canvas.setLineWidth(0.5)
            canvas.line(_MARGIN, A4[1] - 15 * mm, A4[0] - _MARGIN, A4[1] - 15 * mm)
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, printable(imprint.program))
        canvas.restoreState()


def _shortened(canvas: Canvas, text: str, width: float) -> str:
    text = printable(text).replace("\n", " ")[:_LONGEST]
    if canvas.stringWidth(text, REGULAR, _FURNITURE) <= width:
        return text
    while text and canvas.stringWidth(f"{text}…", REGULAR, _FURNITURE) > width:
        text = text[:-1]
    return f"{text}…"
