"""`crack models import`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crack.cli.output import (
    JSON_HELP,
    PROGRESS_HELP,
    percent_or_dash,
    print_json,
    progress_shown,
)
from crack.cli.tensorflow_start import load_tensorflow
from crack.data.dataset import load_dataset
from crack.data.images import check_is_file
from crack.data.locations import location_of, path_of
from crack.data.transfers import local_copy
from crack.runs.imports import PIXEL_RANGES


def add_action(actions: Any) -> None:
    """Add the action to the subparsers of `crack models`."""
    parser = actions.add_parser(
        "import", help="make a model of a Keras classifier of two classes"
    )
    parser.add_argument("file", type=location_of, help="a .keras file, or its URL")
    parser.add_argument("--name", required=True, help="of the new model")
    parser.add_argument(
        "--crack-class",
        type=int,
        choices=(0, 1),
        default=1,
        help="output that means a crack; a single output is number 1",
    )
    parser.add_argument(
        "--image-size", type=int, metavar="PX", help="by default that in the file"
    )
    parser.add_argument(
        "--pixels",
        choices=PIXEL_RANGES,
        help="values it was trained on, if it does not scale them itself",
    )
    parser.add_argument("--dataset", help="to calibrate and test it on")
    parser.add_argument("--json", action="store_true", help=JSON_HELP)
    parser.add_argument("--progress", type=path_of, metavar="FILE", help=PROGRESS_HELP)
    parser.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    dataset = load_dataset(options.dataset) if options.dataset else None
    if isinstance(options.file, Path):
        check_is_file(options.file)
    load_tensorflow()
    from crack.training.importing import Wanted, import_model

    with (
        progress_shown(options.progress) as report,
        local_copy(options.file, report) as file,
    ):
        wanted = Wanted(
            file,
            options.name,
            options.crack_class,
            options.image_size,
            options.pixels,
        )
        model = import_model(wanted, dataset, report)
    if options.json:
        print_json({"model": model.name})
    else:
        print(
            f"'{model.name}' is ready: python -m crack predict --model {model.name} "
            "PHOTO"
        )
        if tested := model.card.test_metrics:
            accuracy = percent_or_dash(tested["accuracy"])
            print(f"Tested: accuracy {accuracy} on {tested['n']} images.")
        print(model.card.notes)
    return 0
