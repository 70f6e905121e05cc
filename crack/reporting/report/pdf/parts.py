"""The building blocks of the PDF of a report: signs, pictures, tables."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Table

from crack.inference.prediction import Label
from crack.reporting.report.colours import LIGHT
from crack.reporting.report.pdf.typography import (
    BOLD,
    CELL,
    FAINT,
    LINE,
    PANEL,
    PAPER,
    REGULAR,
    SMALL,
    TEXT,
    paragraph,
    printable,
)
from crack.reporting.report.photo_section import Entry, Picture

_SIGN_COLOURS = {
    Label.CRACK: HexColor(LIGHT["crack"]),
    Label.REVIEW: HexColor(LIGHT["review"]),
}
_HIGHEST = 72 * mm  # of a picture, so that two photos fit on a page


class Bookmark(Flowable):
    """A point that the outline of the document and its links lead to."""

    def __init__(self, key: str, title: str, level: int) -> None:
        super().__init__()
        self._key, self._title, self._level = key, printable(title), level
        self.keepWithNext = True

    def draw(self) -> None:
        """Enter the point in the outline."""
        self.canv.bookmarkHorizontal(self._key, 0, 6 * mm)
        self.canv.addOutlineEntry(self._title, self._key, self._level)


class Signed(Flowable):
    """A text with the sign of an answer in front, recognisable by its shape."""

    def __init__(self, label: Label | None, text: Paragraph) -> None:
        super().__init__()
        self._label, self._text = label, text
        size = text.style.fontSize
        self._side, self._indent = 0.75 * size, 1.15 * size

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return its width and height."""
        _, self.height = self._text.wrap(width - self._indent, height)
        return width, self.height

    def draw(self) -> None:
        """Draw the sign at the first line, then the text."""
        style = self._text.style
        base = self.height - style.leading + 0.22 * style.fontSize
        draw_sign(self.canv, self._label, 0, base, self._side)
        self._text.drawOn(self.canv, self._indent, 0)


def draw_sign(
    canvas: Canvas, label: Label | None, left: float, bottom: float, side: float
) -> None:
    """Draw the sign of an answer into a square: triangle, half disc, ring, cross."""
    colour = FAINT if label is None else _SIGN_COLOURS.get(label, FAINT)
    canvas.saveState()
    canvas.translate(left, bottom)
    canvas.setFillColor(colour)
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(side / 7)
    half, radius = side / 2, side * 0.43
    if label is Label.CRACK:
        shape = canvas.beginPath()
        shape.moveTo(half, side)
        shape.lineTo(side * 1.03, 0)
        shape.lineTo(-side * 0.03, 0)
        shape.close()
        canvas.drawPath(shape, stroke=0, fill=1)
    elif label is None:
        canvas.line(side * 0.1, side * 0.1, side * 0.9, side * 0.9)
        canvas.line(side * 0.1, side * 0.9, side * 0.9, side * 0.1)
    else:
        canvas.circle(half, half, radius, stroke=1, fill=0)
        if label is Label.REVIEW:
            shape = canvas.beginPath()
            shape.arc(0.07 * side, 0.07 * side, 0.93 * side, 0.93 * side, -90, 180)
            shape.close()
            canvas.drawPath(shape, stroke=0, fill=1)
    canvas.restoreState()


class _Jpeg(ImageReader):
    """A JPEG that goes into the PDF unchanged, with the interface ReportLab needs.

    ReportLab's own reader identifies a picture by the hash of its pixels, so it decodes
    it and keeps the pixels; hundreds of them would fill the memory. The bytes of the
    JPEG identify it as well.
    """

    _dataA = None  # noqa: N815, the name is ReportLab's; there is no transparency

    def __init__(self, file: Path) -> None:
        self._bytes = file.read_bytes()

    def getRGBData(self) -> bytes:  # noqa: N802, the name is ReportLab's
        """Return what identifies the picture."""
        return self._bytes

    def jpeg_fh(self) -> BytesIO:  # type: ignore[override]  # stubs: None
        """Return the file that goes into the PDF."""
        return BytesIO(self._bytes)


class PhotoPicture(Flowable):
    """A picture with its caption, the strongest regions framed and numbered.

    Args:
        entry: The photo.
        picture: One of its pictures; it is read when it is drawn.
        width: To fit in, in points.
    """

    _CAPTION = 13  # points

    def __init__(self, entry: Entry, picture: Picture, width: float) -> None:
        super().__init__()
        self._entry, self._picture = entry, picture
        self._scale = min(width / picture.width, _HIGHEST / picture.height)
        self.width = self._scale * picture.width
        self.height = self._scale * picture.height + self._CAPTION

    def draw(self) -> None:
        """Draw picture, frames and caption."""
        canvas, picture = self.canv, self._picture
        height = self.height - self._CAPTION
        canvas.drawImage(_Jpeg(picture.file), 0, self._CAPTION, self.width, height)
        if picture.framed and self._entry.photo.width and self._entry.photo.height:
            self._draw_frames(self.width / self._entry.photo.width)
        canvas.setFillColor(FAINT)
        canvas.setFont(REGULAR, 7.5)
        canvas.drawString(0, 4, picture.caption)

    def _draw_frames(self, scale: float) -> None:
        canvas = self.canv
        for number, region in enumerate(self._entry.photo.regions, start=1):
            top = self.height - scale * region.top
            width, height = scale * region.width, scale * region.height
            frame = (scale * region.left, top - height, width, height)
            for colour, thickness in ((TEXT, 1.8), (PAPER, 0.8)):
                canvas.setStrokeColor(colour)
                canvas.setLineWidth(thickness)
                canvas.rect(*frame, stroke=1, fill=0)
            canvas.setFillColor(TEXT)
            canvas.rect(frame[0], top - 9, 4 + 4.5 * len(str(number)), 9, 0, 1)
            canvas.setFillColor(PAPER)
            canvas.setFont(BOLD, 7)
            canvas.drawString(frame[0] + 2, top - 7, str(number))


def side_by_side(cells: Sequence[Flowable], widths: Sequence[float]) -> Table:
    """Return flowables in a row, top edges in line."""
    return Table(
        [list(cells)],
        colWidths=list(widths),
        hAlign="LEFT",
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ],
    )


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str | Flowable]],
    widths: Sequence[float],
) -> Table:
    """Return a table whose head is repeated on each of its pages.

    Args:
        columns: The head.
        rows: A text becomes a paragraph.
        widths: Of the columns, in points.
    """
    head = [paragraph(column, SMALL) for column in columns]
    body = [
        [paragraph(cell, CELL) if isinstance(cell, str) else cell for cell in row]
        for row in rows
    ]
    return Table(
        [head, *body],
        colWidths=list(widths),
        repeatRows=1,
        splitInRow=1,  # a name can be longer than a page
        hAlign="LEFT",
        spaceBefore=2,
        spaceAfter=6,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("LEFTPADDING", (1, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ("LINEBELOW", (0, 0), (-1, 0), 0.9, FAINT),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
        ],
    )


def tiles(cells: Sequence[Sequence[Flowable]], width: float) -> Table:
    """Return boxes of the same width in a row.

    Args:
        cells: What is in each box, from top to bottom.
        width: Of all, in points.
    """
    return Table(
        [[list(cell) for cell in cells]],
        colWidths=[width / len(cells)] * len(cells),
        spaceAfter=8,
        style=[
            ("BACKGROUND", (0, 0), (-1, -1), PANEL),
            ("LINEBEFORE", (1, 0), (-1, -1), 4, PAPER),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 9),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
        ],
    )
