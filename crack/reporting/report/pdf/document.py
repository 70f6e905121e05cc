"""A report as PDF, with an outline, page numbers and fonts of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

from crack.reporting.report.content import Content, read_through
from crack.reporting.report.pdf.pages import Imprint, write_pages
from crack.reporting.report.pdf.story import tell
from crack.reporting.report.pdf.typography import register_fonts
from crack.reporting.report.report_data import Report


def write_pdf(report: Report, file: BinaryIO) -> None:
    """Write a report as PDF.

    Args:
        report: Its photos are consumed.
        file: Opened for writing bytes.
    """
    register_fonts()  # the story measures its texts while it is told
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        content = read_through(report, Path(folder))
        write_pages(tell(content), _imprint(content), file)


def _imprint(content: Content) -> Imprint:
    report, place = content.report, content.place
    return Imprint(
        title=f"{report.title}: {place}" if place else report.title,
        program=report.program,
        created=report.created,
        about=report.inspected_on or report.created,
        author=report.inspector,
        subject=place,
    )
