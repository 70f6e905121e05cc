"""A report as the bytes of one file, for a browser to download."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from crack.inference.prediction import Outcome
from crack.inference.sources import PhotoSource
from crack.inspections.store import find_inspection
from crack.reporting.report.builders import answers_report, inspection_report
from crack.reporting.report.file import WRITERS
from crack.reporting.report.report_data import Report
from crack.runs.registry import Model


def answers_document(
    model: Model,
    answers: Iterable[tuple[Outcome, PhotoSource]],
    suffix: str,
) -> bytes:
    """Return the report on fresh answers.

    Args:
        model: The model that gave the answers.
        answers: Each with its photo.
        suffix: Of the kind of file, `.html` or `.pdf`.

    Raises:
        CrackError: A photo with an answer can no longer be read.
    """
    return _document(answers_report(model, answers), suffix)


def inspection_document(inspection_id: str, inspector: str, suffix: str) -> bytes:
    """Return the report of an inspection as it is stored now.

    Args:
        inspection_id: Of the inspection.
        inspector: Name for the cover, "" for none.
        suffix: Of the kind of file, `.html` or `.pdf`.

    Raises:
        CrackError: There is no such inspection, or the database cannot be used.
    """
    report = inspection_report(find_inspection(inspection_id), inspector)
    return _document(report, suffix)


def _document(report: Report, suffix: str) -> bytes:
    buffer = BytesIO()
    WRITERS[suffix](report, buffer)
    return buffer.getvalue()
