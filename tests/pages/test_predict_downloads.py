"""Answers as files."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from crack.inference.predictor import Predictor
from crack.reporting.tables import csv_lines, prediction_row
from pages.inspection.answer_downloads import draw_downloads
from tests.pages.conftest import PREDICT, ask


@pytest.fixture
def files(visit, model, photo, monkeypatch):
    """What the downloads of three photos hold, by file name, made as on a click."""
    made = {}
    monkeypatch.setattr(
        "streamlit.download_button",
        lambda label, make, *, file_name, **_: made.update({file_name: make}),
    )
    ask(visit(PREDICT), dark=photo(20), light=photo(220), bad=b"no picture")
    return {name: make().getvalue() for name, make in made.items()}


def test_the_tables_hold_what_the_command_line_prints(files, model, photo):
    items = [("dark.png", photo(20)), ("light.png", photo(220)), ("bad.png", b"no")]
    answers = list(Predictor(model.folder).predict(items))
    expected = list(csv.DictReader(io.StringIO("".join(csv_lines(answers)))))
    rows = list(csv.DictReader(io.StringIO(files["answers.csv"].decode())))
    for row in (*rows, *expected):
        del row["seconds"]
    assert rows == expected
    lines = [json.loads(line) for line in files["answers.jsonl"].splitlines()]
    assert [line["file"] for line in lines] == ["dark.png", "light.png", "bad.png"]
    assert lines[0]["probability"] == prediction_row(answers[0])["probability"]


def test_the_pictures_come_as_a_zip_and_in_reports(files):
    archive = zipfile.ZipFile(io.BytesIO(files["heatmaps.zip"]))
    assert archive.namelist() == ["dark.jpg", "light.jpg"]
    assert files["answers.pdf"].startswith(b"%PDF")
    page = files["answers.html"].decode()
    assert "dark.png" in page
    assert "not a picture" in page


def test_no_file_is_made_before_it_is_asked_for(visit, model, photo, monkeypatch):
    def fail(*_):
        pytest.fail("made unasked")

    monkeypatch.setattr(f"{draw_downloads.__module__}.write_heatmaps", fail)
    monkeypatch.setattr(f"{draw_downloads.__module__}.csv_lines", fail)
    app = ask(visit(PREDICT), dark=photo(20))
    assert len(app.get("download_button")) == 5
