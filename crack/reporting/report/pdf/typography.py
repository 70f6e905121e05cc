"""The typography of the PDF of a report: font, colours, styles, escaped text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

# Safe: it writes XML and reads none.
from xml.sax.saxutils import escape  # nosec B406

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph

from crack.reporting.report.colours import LIGHT
from crack.reporting.words import keep_units_together

TEXT, FAINT = HexColor(LIGHT["text"]), HexColor(LIGHT["faint"])
ACCENT, LINE = HexColor(LIGHT["accent"]), HexColor(LIGHT["line"])
PANEL, PAPER = HexColor(LIGHT["panel"]), HexColor(LIGHT["paper"])
REGULAR, BOLD = "NotoSans", "NotoSans-Bold"

_FONTS = Path(__file__).parent / "fonts"

BODY = ParagraphStyle(
    "body", fontName=REGULAR, fontSize=9, leading=12.5, textColor=TEXT, spaceAfter=4
)
SMALL = ParagraphStyle(
    "small", BODY, fontSize=7.5, leading=10, textColor=FAINT, spaceAfter=0
)
CELL = ParagraphStyle("cell", BODY, fontSize=8.5, leading=11.5, spaceAfter=0)
CELL_BOLD = ParagraphStyle("cell bold", CELL, fontName=BOLD)
NUMBER = ParagraphStyle("number", CELL, fontName=BOLD, fontSize=17, leading=21)
FACT = ParagraphStyle(
    "fact",
    CELL,
    leftIndent=38 * mm,
    bulletFontName=REGULAR,
    bulletFontSize=8.5,
    bulletColor=FAINT,
    spaceAfter=2.5,
)
ITEM = ParagraphStyle(
    "item", BODY, leftIndent=4 * mm, bulletFontName=REGULAR, bulletFontSize=9
)
TITLE = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=20, leading=25)
SECTION = ParagraphStyle(
    "section",
    BODY,
    fontName=BOLD,
    fontSize=13,
    leading=17,
    spaceBefore=9 * mm,
    spaceAfter=2.5 * mm,
    keepWithNext=True,
)
HEADING = ParagraphStyle(
    "heading",
    SECTION,
    fontSize=10,
    leading=13,
    spaceBefore=3 * mm,
    spaceAfter=1 * mm,
)


@cache
def register_fonts() -> None:
    """Register Noto Sans with ReportLab, once per process."""
    for name, file in ((REGULAR, "Regular"), (BOLD, "Bold")):
        registerFont(TTFont(name, _FONTS / f"NotoSans-{file}.ttf"))
    # ReportLab's markup looks up the italics too and fails without these names.
    registerFontFamily(REGULAR, REGULAR, BOLD, REGULAR, BOLD)


def printable(text: str) -> str:
    """Return a text as the PDF can hold it.

    Letters with separate accents are combined, since the font cannot place accents.
    Anything that is not a character, such as a lone surrogate from a file name that is
    not text, becomes a replacement character.
    """
    joined = unicodedata.normalize("NFC", text)
    return "".join(
        character
        if character == "\n" or unicodedata.category(character) not in ("Cc", "Cs")
        else "\ufffd"
        for character in joined
    )


def marked_up(text: str) -> str:
    """Return a text for a `Paragraph`: nothing in it is markup, lines are kept."""
    return escape(printable(keep_units_together(text))).replace("\n", "<br/>")


def paragraph(text: str, style: ParagraphStyle = BODY) -> Paragraph:
    """Return a paragraph of a text without markup."""
    return Paragraph(marked_up(text), style)


def facts(rows: Sequence[tuple[str, str]]) -> list[Flowable]:
    """Return a list of names with their values beside; it can break over pages."""
    return [Paragraph(marked_up(text), FACT, bulletText=name) for name, text in rows]
