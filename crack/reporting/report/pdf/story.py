"""The content of the PDF of a report, from the cover to the last section."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    HRFlowable,
    KeepTogether,
    Paragraph,
    Spacer,
    Table,
)

from crack.reporting.exposure import ANNEX_NOTE, DESIGN_NOTE
from crack.reporting.network_drawing import HOW_TO_READ
from crack.reporting.report.content import (
    EXPOSURE_COLUMNS,
    HISTORY_COLUMNS,
    Content,
)
from crack.reporting.report.pdf.network import NetworkFlowable
from crack.reporting.report.pdf.pages import WIDTH
from crack.reporting.report.pdf.parts import (
    Bookmark,
    PhotoPicture,
    Signed,
    side_by_side,
    table,
    tiles,
)
from crack.reporting.report.pdf.typography import (
    ACCENT,
    BODY,
    CELL,
    CELL_BOLD,
    HEADING,
    ITEM,
    NUMBER,
    SECTION,
    SMALL,
    TITLE,
    facts,
    marked_up,
    paragraph,
)
from crack.reporting.report.photo_section import REGION_COLUMNS, Entry
from crack.reporting.result_words import RESULT_COLUMNS
from crack.reporting.words import ANSWERS, CANNOT_TELL, NOTHING, UNREADABLE

_GAP = 4 * mm


def tell(content: Content) -> Iterator[Flowable]:
    """Yield the whole report, piece by piece."""
    sections = {
        "summary": _summary,
        "reading": _reading,
        "photos": _photos,
        "unreadable": _unreadable,
        "widths": _widths,
        "history": _history,
        "model": _model,
        "network": _network,
        "limits": _limits,
    }
    yield from _cover(content)
    for key, title in content.sections.items():
        yield CondPageBreak(45 * mm)
        yield Bookmark(key, title, 0)
        yield paragraph(title, SECTION)
        yield from sections[key](content)


def _cover(content: Content) -> Iterator[Flowable]:
    yield paragraph(content.report.title, TITLE)
    yield HRFlowable("100%", 1.4, color=ACCENT, spaceBefore=3, spaceAfter=9)
    yield from facts(content.cover)
    if content.report.note:
        yield Spacer(1, 4)
        yield paragraph(content.report.note)


def _summary(content: Content) -> Iterator[Flowable]:
    counts = [row for row in content.counts if row[0] is not None or row[2]]
    cells = [
        [Signed(label, paragraph(words, CELL)), paragraph(f"{number:,}", NUMBER)]
        for label, words, number in counts
    ]
    yield tiles(cells, WIDTH)
    for sentence in content.summary:
        yield paragraph(sentence)
    if content.entries:
        yield _photo_list(content)


def _photo_list(content: Content) -> Table:
    columns, widths = ["Photo", "Answer", "Probability"], [0.0, 29 * mm, 24 * mm]
    if content.has_verdicts:
        columns.append("Verdict")
        widths.append(36 * mm)
    if content.measured:
        columns.append("Crack width")
        widths.append(28 * mm)
    widths[0] = WIDTH - sum(widths)
    rows = [_list_row(content, entry) for entry in content.entries]
    return table(columns, rows, widths)


def _list_row(content: Content, entry: Entry) -> list[str | Flowable]:
    name = f"{entry.number}. {marked_up(entry.photo.name)}"
    row: list[str | Flowable] = [
        Paragraph(f'<a href="#photo-{entry.number}">{name}</a>', CELL),
        Signed(entry.photo.label, paragraph(entry.answer, CELL_BOLD)),
        entry.probability or NOTHING,
    ]
    if content.has_verdicts:
        verdict = paragraph(entry.verdict or NOTHING, CELL)
        settled = entry.photo.settled
        row.append(Signed(settled, verdict) if settled else verdict)
    if content.measured:
        row.append(entry.width or NOTHING)
    return row


def _reading(content: Content) -> Iterator[Flowable]:
    cells = [
        [Signed(label, paragraph(ANSWERS[label], CELL_BOLD)), paragraph(text, CELL)]
        for label, text in content.how_to_read
    ]
    yield tiles(cells, WIDTH)
    for text in content.explanations:
        yield paragraph(text)
    if content.reasons:
        heading = paragraph("Reasons for review in this report", HEADING)
        yield KeepTogether([heading, *facts(content.reasons)])


def _photos(content: Content) -> Iterator[Flowable]:
    for entry in content.answered:
        yield KeepTogether([*_head(entry), *_body(entry), Spacer(1, 5 * mm)])


def _head(entry: Entry) -> Iterator[Flowable]:
    title = f"{entry.number}. {entry.photo.name}"
    yield Bookmark(f"photo-{entry.number}", f"{title}: {entry.answer.lower()}", 1)
    yield paragraph(title, HEADING)


def _body(entry: Entry) -> Iterator[Flowable]:
    said = [f"<font name='{CELL_BOLD.fontName}'>{entry.answer}</font>"]
    if entry.probability:
        said.append(marked_up(f"probability of a crack {entry.probability}"))
    if entry.size:
        said.append(marked_up(entry.size))
    yield Signed(entry.photo.label, Paragraph(", ".join(said), CELL))
    yield Spacer(1, 4)
    if entry.pictures:
        width = (WIDTH - _GAP) / 2
        pictures = [PhotoPicture(entry, picture, width) for picture in entry.pictures]
        yield side_by_side(pictures, [width + _GAP, width][: len(pictures)])
    yield from facts(entry.facts)
    if entry.regions:
        yield paragraph("Strongest regions", SMALL)
        yield table(
            REGION_COLUMNS, entry.regions, [17 * mm, *[24 * mm] * 2, *[30 * mm] * 2]
        )


def _unreadable(content: Content) -> Iterator[Flowable]:
    for entry in content.unreadable:
        yield from _head(entry)
        yield Signed(None, paragraph(entry.photo.error or UNREADABLE))
        yield from facts(entry.facts)


def _widths(content: Content) -> Iterator[Flowable]:
    for entry in content.measured:
        link = f'<a href="#photo-{entry.number}">Photo {entry.number}</a>'
        sentence = f"{link}: {marked_up(entry.width_sentence)}."
        yield Paragraph(sentence, ITEM, bulletText="•")
    note = f"<b>{marked_up(DESIGN_NOTE)}</b> {marked_up(ANNEX_NOTE)}"
    yield Paragraph(note, BODY)
    if content.exposures:
        widths = [34 * mm, 46 * mm, 20 * mm]
        yield table(EXPOSURE_COLUMNS, content.exposures, [*widths, WIDTH - sum(widths)])


def _history(content: Content) -> Iterator[Flowable]:
    yield table(HISTORY_COLUMNS, content.history, [WIDTH / 3] * 3)


def _model(content: Content) -> Iterator[Flowable]:
    yield from facts(content.model_rows)
    widths = [WIDTH - 116 * mm, 47 * mm, 24 * mm, 45 * mm]
    for origin, rows in content.result_groups:
        yield paragraph(f"Measured on {origin}", HEADING)
        yield table(RESULT_COLUMNS, rows, widths)
    if content.result_groups:
        yield paragraph(content.result_note, SMALL)


def _network(content: Content) -> Iterator[Flowable]:
    if content.network:
        totals = paragraph(content.network.totals)
        totals.keepWithNext = True  # as is the heading of the section
        yield totals
        yield NetworkFlowable(content.network.drawing)
        yield paragraph(HOW_TO_READ, SMALL)


def _limits(_: Content) -> Iterator[Flowable]:
    for sentence in CANNOT_TELL:
        yield Paragraph(marked_up(sentence), ITEM, bulletText="•")
