"""A report as one HTML file that needs nothing beside it: no scripts, no network."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crack.reporting import network_drawing
from crack.reporting.exposure import ANNEX_NOTE, DESIGN_NOTE
from crack.reporting.report.colours import DARK, LIGHT
from crack.reporting.report.content import (
    EXPOSURE_COLUMNS,
    HISTORY_COLUMNS,
    read_through,
)
from crack.reporting.report.photo_section import REGION_COLUMNS
from crack.reporting.report.report_data import Report
from crack.reporting.result_words import RESULT_COLUMNS
from crack.reporting.words import ANSWERS, CANNOT_TELL, keep_units_together

_TEMPLATES = Path(__file__).parent / "templates"


def write_html(report: Report, file: BinaryIO) -> None:
    """Write a report as HTML, piece by piece.

    Args:
        report: Its photos are consumed.
        file: Opened for writing bytes.
    """
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        content = read_through(report, Path(folder))
        pieces = (
            _environment()
            .get_template("report.html")
            .generate(
                content=content,
                report=content.report,
                answers=ANSWERS,
                cannot_tell=CANNOT_TELL,
                design_note=DESIGN_NOTE,
                annex_note=ANNEX_NOTE,
                light=LIGHT,
                dark=DARK,
                region_columns=REGION_COLUMNS,
                exposure_columns=EXPOSURE_COLUMNS,
                result_columns=RESULT_COLUMNS,
                history_columns=HISTORY_COLUMNS,
                network_sizes=network_drawing,
            )
        )
        for piece in pieces:
            # A file name can hold bytes that are not text, which UTF-8 cannot encode.
            file.write(piece.encode("utf-8", errors="replace"))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_finished,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_url"] = _data_url
    return environment


def _finished(value: object) -> object:
    """Return a value as text for the template, which escapes it afterwards."""
    return keep_units_together(value) if type(value) is str else value


def _data_url(jpeg: Path) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg.read_bytes()).decode()}"
