"""The drawing of the network in the PDF of a report."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from crack.reporting.network_drawing import (
    GAP,
    STRIP_HEIGHT,
    WIDTH,
    Box,
    NetworkDrawing,
    Strip,
)
from crack.reporting.report.pdf.typography import (
    ACCENT,
    BOLD,
    FAINT,
    LINE,
    PANEL,
    PAPER,
    REGULAR,
    TEXT,
)

_HIGHEST = 190 * mm  # so that it fits on a page below its heading
_HATCH = 8.0  # between two lines of a hatched strip


class NetworkFlowable(Flowable):
    """A network from the photo at the top to the answer at the bottom.

    Args:
        drawing: What to draw.
    """

    def __init__(self, drawing: NetworkDrawing) -> None:
        super().__init__()
        self._drawing = drawing
        self._scale = _HIGHEST / drawing.height
        self.width, self.height = self._scale * WIDTH, _HIGHEST

    def draw(self) -> None:
        """Draw the boxes; positions of the drawing are measured downwards."""
        canvas = self.canv
        canvas.saveState()
        canvas.translate(0, self.height)
        canvas.scale(self._scale, self._scale)
        for x, words in self._drawing.headings:
            self._write(x, 12, ((BOLD, words),), 12)
        for number, box in enumerate(self._drawing.boxes):
            if number:
                self._draw_arrow(box.top)
            self._draw_box(box)
        canvas.restoreState()

    def _draw_arrow(self, top: float) -> None:
        canvas, middle = self.canv, WIDTH / 2
        canvas.setStrokeColor(FAINT)
        canvas.setLineWidth(1)
        canvas.line(middle, GAP - top, middle, 1 - top)
        for side in (-3, 3):
            canvas.line(middle, 1 - top, middle + side, 5 - top)

    def _draw_box(self, box: Box) -> None:
        canvas, middle = self.canv, WIDTH / 2
        canvas.setFillColor(PANEL)
        canvas.setStrokeColor(FAINT)
        canvas.setLineWidth(1)
        canvas.rect(box.left, -box.top - box.height, box.width, box.height, fill=1)
        title = ((BOLD, box.title), (REGULAR, f": {box.about}"))
        self._write(middle, box.title_at + 4, title, 12)
        self._write(middle, box.facts_at + 4, ((REGULAR, box.facts),), 11)
        for strip in box.strips:
            self._draw_strip(strip, box.strips_at)

    def _draw_strip(self, strip: Strip, top: float) -> None:
        canvas = self.canv
        place = (strip.left, -top - STRIP_HEIGHT, strip.width, STRIP_HEIGHT)
        if strip.learns:
            canvas.setFillColor(ACCENT)
            canvas.rect(*place, stroke=0, fill=1)
        else:
            self._hatch(*place)
            canvas.setStrokeColor(FAINT)
            canvas.rect(*place, fill=0)
        middle, line = strip.left + strip.width / 2, top + STRIP_HEIGHT / 2 + 4
        self._write(middle, line, ((REGULAR, strip.words),), 11, on=strip.learns)

    def _hatch(self, left: float, bottom: float, width: float, height: float) -> None:
        canvas = self.canv
        canvas.saveState()
        edge = canvas.beginPath()
        edge.rect(left, bottom, width, height)
        canvas.clipPath(edge, stroke=0)
        canvas.setStrokeColor(LINE)
        at = left - height
        while at < left + width:
            canvas.line(at, bottom, at + height, bottom + height)
            at += _HATCH
        canvas.restoreState()

    def _write(
        self,
        middle: float,
        down: float,
        pieces: tuple[tuple[str, str], ...],
        size: float,
        *,
        on: bool = False,
    ) -> None:
        """Write pieces, each in its own font, side by side around a middle."""
        canvas = self.canv
        canvas.setFillColor(PAPER if on else TEXT)
        widths = [canvas.stringWidth(text, font, size) for font, text in pieces]
        left = middle - sum(widths) / 2
        for (font, text), width in zip(pieces, widths, strict=True):
            canvas.setFont(font, size)
            canvas.drawString(left, -down, text)
            left += width
