"""The photos of an inspection as CSV, in the core and on the command line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from crack.inference.prediction import Label
from crack.inspections.records import Verdict, VerdictKind
from crack.reporting.inspection_table import INSPECTION_COLUMNS, inspection_lines
from crack.reporting.tables import COLUMNS, prediction_row
from tests.inspections import (
    ACCEPT,
    CANNOT_TELL,
    FAILED,
    IS_NO_CRACK,
    add,
    answer,
    inspect,
)

pytestmark = pytest.mark.usefixtures("crack_home")


def rows_of(inspection):
    return list(csv.DictReader(io.StringIO("".join(inspection_lines(inspection.id)))))


def test_every_photo_has_a_row_with_its_answer_and_verdict():
    inspection = inspect("Bridge 7", "Pier 2")
    measured = replace(ACCEPT, width_mm=0.35, exposure="aci-humid", note="wet,\nold")
    photos = [
        add(inspection, answer(file="a.png"), measured, tone=10),
        add(
            inspection, answer(file="b.png"), replace(IS_NO_CRACK, width_mm=2), tone=20
        ),
        add(inspection, answer(Label.REVIEW, file="c.png"), CANNOT_TELL, tone=30),
        add(inspection, answer(file="d.png"), tone=40),
        add(inspection, FAILED),
    ]
    rows = rows_of(inspection)
    assert len(rows) == len(photos)
    for row, photo in zip(rows, photos, strict=True):
        assert tuple(row) == INSPECTION_COLUMNS
        assert (row["structure"], row["element"]) == ("Bridge 7", "Pier 2")
        assert (row["inspected_on"], row["model"]) == ("2026-11-22", "walls")
        plain = prediction_row(photo.prediction)
        texts = {k: "" if v is None else str(v) for k, v in plain.items()}
        assert {column: row[column] for column in COLUMNS} == texts
    told = [(row["verdict"], row["settled"], row["crack_width_mm"]) for row in rows]
    assert told == [
        ("accepted", "crack", "0.35"),
        ("corrected", "no crack", ""),
        ("cannot tell", "", ""),
        ("", "", ""),
        ("", "", ""),
    ]
    assert rows[0]["exposure"] == "ACI 224R-01 Table 4.1: humidity, moist air, soil"
    assert (rows[0]["design_width_mm"], rows[0]["note"]) == ("0.3", "wet,\nold")


def test_no_cell_is_a_formula():
    inspection = inspect("=1+1", "@SUM(A1)")
    note = Verdict(VerdictKind.ACCEPT, note="-2+3")
    add(inspection, answer(file="+1.png"), note)
    (row,) = rows_of(inspection)
    told = [row[column] for column in ("structure", "element", "file", "note")]
    assert told == ["'=1+1", "'@SUM(A1)", "'+1.png", "'-2+3"]


def test_inspections_are_listed_and_printed_as_a_table(crack):
    inspection = inspect()
    add(inspection, answer(), ACCEPT)
    status, out, _ = crack("inspections", "list", "--json")
    assert status == 0
    assert json.loads(out) == [
        {
            "id": inspection.id,
            "structure": "Bridge 7",
            "element": "Pier 2",
            "inspected_on": "2026-11-22",
            "photos": 1,
            "verdicts": 1,
        }
    ]
    assert inspection.id in crack("inspections", "list")[1]
    printed = crack("inspections", "table", inspection.id)
    assert printed == (0, "".join(inspection_lines(inspection.id)), "")


def test_an_inspection_that_is_not_there_is_told(crack):
    assert "No inspections yet" in crack("inspections", "list")[2]
    status, out, err = crack("inspections", "table", "gone")
    assert (status, out) == (1, "")
    assert err.startswith("crack: There is no inspection 'gone'.")
