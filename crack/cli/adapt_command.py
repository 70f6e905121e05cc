"""`crack adapt`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from crack.adaptation.adapt import adapt
from crack.adaptation.comparison import Comparison, WorseModelError
from crack.adaptation.progress import ProgressFile
from crack.cli.output import JSON_HELP, print_json, print_table, progress_bar
from crack.cli.tensorflow_start import load_tensorflow
from crack.data.dataset import load_dataset
from crack.data.locations import path_of
from crack.disk_space import check_file_writable
from crack.reporting.adaptation_words import (
    COMPARED_COLUMNS,
    compared_on,
    compared_rows,
)
from crack.runs.registry import find_model


def add_commands(commands: Any) -> None:
    """Add the command to the subparsers of `crack`."""
    parser = commands.add_parser(
        "adapt", help="make a model for photos of your own from one there is"
    )
    parser.add_argument("model", help="model to start from")
    parser.add_argument("dataset", help="your labelled photos, a few dozen or more")
    parser.add_argument("--name", help="of the new model; MODEL-DATASET by default")
    parser.add_argument(
        "--force", action="store_true", help="write it even if it is not better"
    )
    parser.add_argument("--json", action="store_true", help=JSON_HELP)
    parser.add_argument(
        "--progress",
        type=path_of,
        metavar="FILE",
        help="keep activity, done, total and eta_seconds in this file, as JSON",
    )
    parser.set_defaults(command=_adapt)


def _adapt(options: argparse.Namespace) -> int:
    model, dataset = find_model(options.model), load_dataset(options.dataset)
    name = options.name or f"{model.name}-{dataset.name}"[:64]
    file = None
    if options.progress:
        check_file_writable(options.progress, "the progress file")
        file = ProgressFile(options.progress)
    load_tensorflow()
    with progress_bar() as show:

        def report(activity: str, done: int, total: int) -> None:
            show(activity, done, total)
            if file:
                file.report(activity, done, total)

        try:
            adapted = adapt(model, dataset, name, report, force=options.force)
        except WorseModelError as error:
            if options.json:
                print_json({"model": None, **error.comparison.to_json()})
            raise
    for remark in (dataset.note, *adapted.comparison.remarks):
        if remark:
            print(remark, file=sys.stderr)
    if options.json:
        made = {"model": adapted.model.name, "seconds": round(adapted.seconds, 1)}
        print_json(made | adapted.comparison.to_json())
    else:
        _print_words(adapted.comparison)
        print(
            f"'{adapted.model.name}' is ready: python -m crack predict --model "
            f"{adapted.model.name} PHOTO"
        )
    return 0


def _print_words(comparison: Comparison) -> None:
    how, told = comparison.adaptation, (comparison.told_before, comparison.told_after)
    print_table(COMPARED_COLUMNS, compared_rows(how, *told))
    print(compared_on(how))
