"""Predictions as rows: the same columns and digits in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

import pandas as pd

from crack.inference.prediction import Outcome, Prediction
from crack.storage import safe_cell

COLUMNS = (
    "file",
    "label",
    "probability",
    "threshold",
    "width",
    "height",
    "seconds",
    "error",
    "reasons",
)

_DECIMALS = 6  # more than any sample supports, to distinguish 0.999999 from 1


Row = dict[str, str | float | int | None]
"""A prediction as plain values by column."""


def prediction_row(prediction: Outcome) -> Row:
    """Return one prediction as plain values in the order of `COLUMNS`.

    Probability, threshold and seconds have six decimals. What does not apply is None:
    the label of a photo without an answer, the error of a photo with one.
    """
    row: Row = {column: getattr(prediction, column, None) for column in COLUMNS}
    for column, value in row.items():
        if isinstance(value, float):
            row[column] = round(value, _DECIMALS)
    answered = prediction if isinstance(prediction, Prediction) else None
    row["label"] = answered.label.value if answered else None
    row["reasons"] = ", ".join(answered.reasons) if answered else ""
    return row


def predictions_frame(predictions: Iterable[Outcome]) -> pd.DataFrame:
    """Return predictions as a table with the columns `COLUMNS`."""
    rows = [prediction_row(prediction) for prediction in predictions]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    # Nullable integers: one error must not turn all widths into 227.0.
    return frame.astype({"width": "Int64", "height": "Int64"})


def csv_lines(predictions: Iterable[Outcome]) -> Iterator[str]:
    """Yield predictions as lines of CSV, the header first, one at a time."""
    yield csv_line(COLUMNS)
    for prediction in predictions:
        yield csv_line(prediction_row(prediction).values())


def jsonl_lines(predictions: Iterable[Outcome]) -> Iterator[str]:
    """Yield predictions as lines of JSON, one object each, one at a time."""
    for prediction in predictions:
        yield json.dumps(prediction_row(prediction), ensure_ascii=False) + "\n"


def csv_line(values: Iterable[object]) -> str:
    """Return values as a line of CSV, of which a spreadsheet computes none."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(map(safe_cell, values))
    return line.getvalue()
