from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from crack.inference.prediction import FailedPhoto, Label, Prediction, Reason
from crack.reporting.tables import (
    COLUMNS,
    csv_lines,
    jsonl_lines,
    prediction_row,
    predictions_frame,
)

GOOD = Prediction(
    file='wall, "north".png',
    label=Label.CRACK,
    probability=0.98765432109,
    threshold=0.95,
    width=227,
    height=200,
    mm_per_pixel=None,
    seconds=0.0123456789,
    log_odds=4.0,
    distance=1.0,
    heatmap=np.zeros((5, 5), np.float32),
)
BAD = FailedPhoto(
    file="bröken.png",
    error="Expected a picture, got an empty file.",
    threshold=0.95,
    seconds=0.5,
)


def test_the_columns_are_those_of_the_command_line():
    assert ", ".join(COLUMNS) == (
        "file, label, probability, threshold, width, height, seconds, error, reasons"
    )


def test_a_row_has_plain_values_rounded_to_six_places():
    assert prediction_row(GOOD) == {
        "file": 'wall, "north".png',
        "label": "crack",
        "probability": 0.987654,
        "threshold": 0.95,
        "width": 227,
        "height": 200,
        "seconds": 0.012346,
        "error": None,
        "reasons": "",
    }
    assert type(prediction_row(GOOD)["label"]) is str


def test_the_reasons_for_review_are_words():
    doubtful = replace(
        GOOD, label=Label.REVIEW, reasons=(Reason.DARK, Reason.OUT_OF_DISTRIBUTION)
    )
    assert prediction_row(doubtful)["label"] == "review"
    assert prediction_row(doubtful)["reasons"] == "too dark, unlike the training data"


def test_jsonl_has_one_object_per_line_with_null_for_what_is_missing():
    lines = list(jsonl_lines([GOOD, BAD]))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert [json.loads(line) for line in lines] == [
        prediction_row(GOOD),
        prediction_row(BAD),
    ]
    assert "bröken" in lines[1]


def test_csv_reads_back_with_quotes_and_gaps():
    text = "".join(csv_lines([GOOD, BAD]))
    good, bad = csv.DictReader(io.StringIO(text))
    assert tuple(good) == COLUMNS
    assert good["file"] == GOOD.file
    assert good["error"] == ""
    assert bad["probability"] == bad["width"] == bad["label"] == ""
    assert bad["error"] == BAD.error


def test_every_format_gives_the_same_digits():
    from_csv = next(csv.DictReader(io.StringIO("".join(csv_lines([GOOD])))))
    from_json = json.loads(next(jsonl_lines([GOOD])))
    from_frame = predictions_frame([GOOD]).iloc[0]
    for column in ("probability", "threshold", "seconds", "width"):
        assert from_csv[column] == str(from_json[column]) == str(from_frame[column])


def test_lines_come_as_the_predictions_do():
    def predictions():
        yield GOOD
        pytest.fail("asked too early")

    lines = csv_lines(predictions())
    assert next(lines).startswith("file,label")
    assert "crack" in next(lines)


@pytest.mark.parametrize("predictions", [[], [GOOD], [GOOD, BAD]])
def test_the_frame_has_the_columns_and_whole_numbers(predictions):
    frame = predictions_frame(predictions)
    assert tuple(frame.columns) == COLUMNS
    assert str(frame["width"].dtype) == "Int64"
    assert len(frame) == len(predictions)
