"""A report as a file, whole or absent."""

from __future__ import annotations

import secrets
from pathlib import Path

from crack.disk_space import check_file_writable
from crack.errors import CrackError
from crack.reporting.report.html import write_html
from crack.reporting.report.pdf.document import write_pdf
from crack.reporting.report.report_data import Report

WRITERS = {".html": write_html, ".pdf": write_pdf}
"""The function that writes a report, by the suffix of the file."""


def check_report_path(path: Path) -> None:
    """Check that a report can be written to a path, before the photos are read.

    Raises:
        CrackError: The suffix is not in `WRITERS`, or there is no such folder, or
            nothing may be written there.
    """
    if path.suffix.lower() not in WRITERS:
        raise CrackError(
            f"A report is written as {' or '.join(WRITERS)}, got '{path.name}'.",
            "Give the file one of these endings.",
        )
    check_file_writable(path, "the report")


def write_report(report: Report, path: Path) -> None:
    """Write a report to a file, as HTML or PDF by its suffix.

    An earlier file of that name stays until the new one is complete, even if writing
    fails.

    Args:
        report: Its photos are consumed.
        path: Ends in .html or .pdf.

    Raises:
        CrackError: See `check_report_path`; or the file cannot be written.
    """
    check_report_path(path)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        try:
            with partial.open("wb") as file:
                WRITERS[path.suffix.lower()](report, file)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CrackError(
            f"The report cannot be written to {path}: {error.strerror or error}.",
            "Check the permissions and the space left there, or choose another folder.",
        ) from error
