"""`crack sample`."""

from __future__ import annotations

import argparse
from typing import Any

from crack.cli.dataset_commands import summary
from crack.cli.output import JSON_HELP, print_json, progress_bar
from crack.data.dataset import dataset_names
from crack.synthetic.sample import SAMPLE, make_sample, scene_files


def add_commands(commands: Any) -> None:
    """Add the command to the subparsers of `crack`."""
    sample = commands.add_parser(
        "sample", help="draw sample photos and add them as a dataset"
    )
    sample.add_argument("--json", action="store_true", help=JSON_HELP)
    sample.set_defaults(command=_sample)


def _sample(options: argparse.Namespace) -> int:
    there = SAMPLE in dataset_names()
    with progress_bar() as report:
        dataset = make_sample(report)
    scenes = scene_files()
    if options.json:
        made = {"drawn": not there, "scenes": [str(path) for path in scenes]}
        print_json({**summary(dataset), **made})
        return 0
    counts = ", ".join(f"{n} {name}" for name, n in dataset.counts.items())
    verb = "Already there" if there else "Drawn"
    print(f"{verb}: the dataset '{dataset.name}' with {counts}.")
    print(dataset.note)
    print(f"{len(scenes)} large photos of whole walls are in {scenes[0].parent}.")
    print(f"Next: python -m crack train {dataset.name}")
    return 0
