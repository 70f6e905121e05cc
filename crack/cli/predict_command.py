"""`crack predict`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from crack.cli import bulk_predict
from crack.cli.output import print_table, progress_bar
from crack.data.locations import location_of
from crack.data.transfers import written_at
from crack.inference.asking import answers_of
from crack.inference.prediction import FailedPhoto, Outcome
from crack.inference.predictor import Predictor
from crack.inference.read_ahead import read_ahead
from crack.inference.scale import Scale, scale_missed
from crack.inference.sources import PhotoSource, collect_sources
from crack.reporting.heatmap_files import check_heatmaps_folder, write_heatmap
from crack.reporting.report import answers_report, check_report_path, write_report
from crack.reporting.tables import (
    COLUMNS,
    Row,
    csv_lines,
    jsonl_lines,
    prediction_row,
)
from crack.runs.registry import Model, default_model, find_model

_ACTIVITY = "Looking at the photos"


def add_commands(commands: Any) -> None:
    """Add the command to the subparsers of `crack`."""
    predict = commands.add_parser("predict", help="say which photos show a crack")
    predict.add_argument(
        "paths",
        nargs="+",
        type=location_of,
        metavar="PATH",
        help="photo, folder, ZIP, or URL (s3://, gs://, az://, file://)",
    )
    predict.add_argument("--model", help="by default as set with `models default`")
    predict.add_argument(
        "--format",
        choices=("table", "csv", "jsonl"),
        default="table",
        help="of the answers on stdout, by default table; csv and jsonl come photo by "
        "photo",
    )
    scale = predict.add_mutually_exclusive_group()
    scale.add_argument(
        "--mm-per-pixel",
        type=float,
        metavar="MM",
        help="how much of the wall a pixel shows",
    )
    scale.add_argument(
        "--shown-width",
        type=float,
        metavar="MM",
        help="width of wall that each photo shows from edge to edge",
    )
    predict.add_argument(
        "--maps",
        type=location_of,
        metavar="DIR",
        help="folder or URL for the heatmaps, as 8-bit grey PNG",
    )
    predict.add_argument(
        "--report",
        type=location_of,
        metavar="FILE",
        help="write a report, .html or .pdf, here or at a URL",
    )
    bulk_predict.add_options(predict)
    predict.set_defaults(command=_predict)


def _predict(options: argparse.Namespace) -> int:
    bulk_predict.check_options(options)
    if options.maps:
        check_heatmaps_folder(options.maps, options.paths)
    if options.report is None:
        return _answer(options, None)
    with written_at(options.report) as report:
        check_report_path(report)
        return _answer(options, report)


def _answer(options: argparse.Namespace, report: Path | None) -> int:
    scale = Scale(options.mm_per_pixel, options.shown_width)
    model = default_model() if options.model is None else find_model(options.model)
    if options.out is not None:
        return bulk_predict.predict_to_files(model, scale, options)
    answers = _Answers(model, scale, options)
    if report:
        _write_report(model, answers, report, options.format)
    else:
        _print((prediction for prediction, _ in answers), options.format)
    if answers.missed:
        _tell_missed(answers.missed)
    return 1 if answers.failed else 0


class _Answers:
    """An iterator of the answers with their photos, which also writes the heatmaps.

    Attributes:
        failed: Whether a photo had no answer so far.
        missed: The photos that could not be looked at in the size that fits their
            scale, each with a sentence about it.
    """

    def __init__(self, model: Model, scale: Scale, options: argparse.Namespace) -> None:
        self.failed = False
        self.missed: list[tuple[str, str]] = []
        self._predictor = Predictor(model.folder)
        self._scale = scale
        self._options = options

    def __iter__(self) -> Iterator[tuple[Outcome, PhotoSource]]:
        used: set[str] = set()
        items = collect_sources(self._options.paths)
        by_url = any(isinstance(path, str) for path in self._options.paths)
        asked = read_ahead(items) if by_url else items
        answers = answers_of(self._predictor, asked, self._scale)
        with progress_bar() as report, closing(answers):
            report(_ACTIVITY, 0, len(items))
            pairs = zip(items, answers, strict=True)
            for done, ((_, source), prediction) in enumerate(pairs, start=1):
                self._note(prediction)
                if self._options.maps:
                    write_heatmap(prediction, self._options.maps, used)
                yield prediction, source
                report(_ACTIVITY, done, len(items))

    def _note(self, prediction: Outcome) -> None:
        if isinstance(prediction, FailedPhoto):
            self.failed = True
        elif missed := scale_missed(self._predictor.card, prediction):
            self.missed.append((prediction.file, missed))


def _tell_missed(missed: list[tuple[str, str]]) -> None:
    (first, why), count = missed[0], len(missed)
    photos = "One photo" if count == 1 else f"{count:,} photos"
    print(
        f"crack: {photos} could not be looked at in the size that fits the scale. "
        f"{first}: {why}",
        file=sys.stderr,
    )


def _print(predictions: Iterable[Outcome], wanted: str) -> None:
    if wanted == "table":
        _print_table(predictions)
        return
    lines = csv_lines if wanted == "csv" else jsonl_lines
    for line in lines(predictions):
        print(line, end="", flush=True)


def _print_table(predictions: Iterable[Outcome]) -> None:
    """Print what is to be read: the errors, which are sentences, stand below."""
    rows = [prediction_row(prediction) for prediction in predictions]
    columns = [column for column in COLUMNS if column != "error"]
    print_table(columns, [[_shown(row, c) for c in columns] for row in rows])
    for row in rows:
        if row["error"]:
            print(f"{row['file']}: {row['error']}")


def _shown(row: Row, column: str) -> str:
    value = row[column]
    if column == "seconds":
        return f"{value:.2f}"
    return "" if value is None else str(value)


def _write_report(model: Model, answers: _Answers, file: Path, wanted: str) -> None:
    """Write the report, then print its answers."""
    told: list[Outcome] = []

    def noted() -> Iterator[tuple[Outcome, PhotoSource]]:
        for prediction, source in answers:
            told.append(_without_arrays(prediction))
            yield prediction, source

    write_report(answers_report(model, noted()), file)
    _print(told, wanted)


def _without_arrays(prediction: Outcome) -> Outcome:
    """Return what is printed: the heatmaps of thousands of photos need not be kept."""
    if isinstance(prediction, FailedPhoto):
        return prediction
    return replace(prediction, heatmap=None, thumbnail=None)
