"""`crack dataset add | list | check | delete`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from crack.cli.output import JSON_HELP, print_json, print_table, progress_bar, told
from crack.data.dataset import (
    Dataset,
    check_dataset,
    dataset_names,
    load_dataset,
)
from crack.data.importer import SourceSummary, add_dataset, inspect_source
from crack.data.locations import location_of
from crack.data.photo_sizes import is_too_large
from crack.data.source_photos import photos_told
from crack.data.tiles import TILE_SIDE
from crack.runs.jobs import delete_unused_dataset

_NAME_HELP = "of the dataset, as `dataset list` shows it"


def add_commands(commands: Any) -> None:
    """Add the commands to the subparsers of `crack`."""
    group = commands.add_parser("dataset", help="add, list, check and delete datasets")
    actions = group.add_subparsers(required=True, metavar="ACTION")

    add = actions.add_parser(
        "add", help="index a folder of class folders or of photos with masks, or a ZIP"
    )
    add.add_argument("name", help="of the dataset to be")
    add.add_argument(
        "source",
        type=location_of,
        help="folder or ZIP; one at a URL (s3://, gs://, az://) is copied here",
    )
    add.add_argument(
        "--crack-class",
        metavar="FOLDER",
        help="the class folder that holds the cracks; by default told by its name",
    )
    add.add_argument("--json", action="store_true", help=JSON_HELP)
    add.set_defaults(command=_add)

    listing = actions.add_parser("list", help="list the datasets")
    listing.add_argument("--json", action="store_true", help=JSON_HELP)
    listing.set_defaults(command=_list)

    check = actions.add_parser("check", help="compare the files with the index")
    check.add_argument("name", help=_NAME_HELP)
    check.add_argument("--json", action="store_true", help=JSON_HELP)
    check.set_defaults(command=_check)

    delete = actions.add_parser(
        "delete", help="forget a dataset; a folder that was added stays as it is"
    )
    delete.add_argument("name", help=_NAME_HELP)
    delete.set_defaults(command=_delete)


def _add(options: argparse.Namespace) -> int:
    with progress_bar() as report:
        report("Looking at what is there", 0, 1)
        contents = inspect_source(options.source)
        dataset = add_dataset(
            options.name,
            options.source,
            summary=contents,
            crack_class=options.crack_class,
            progress=report,
        )
    about = summary(dataset)
    if options.json:
        print_json(about)
        return 0
    counts = ", ".join(f"{n} {name}" for name, n in dataset.counts.items())
    print(f"Added '{dataset.name}': {counts}; '{dataset.crack_class}' means crack.")
    print(
        f"Images with a near-copy among the others: {dataset.near_copies:,} of "
        f"{len(dataset.samples):,}."
    )
    # Of tiles the program knows the photos itself; the user wrote no photos.csv.
    if not contents.masked and (told_of := photos_told(dataset.samples)):
        print(told_of)
    for sentence in _facts(contents):
        print(sentence)
    for file, reason in dataset.unreadable.itertuples(index=False):
        print(f"Left out {file}: {reason}")
    return 0


def _facts(contents: SourceSummary) -> Iterator[str]:
    """Yield what the user should know of a source, as sentences."""
    if masked := contents.masked:
        yield (
            f"Cut {len(masked.masks)} photos with masks and {len(masked.sound)} sound "
            f"ones into tiles of {TILE_SIDE} px."
        )
    if published := contents.published:
        yield f"This is {published.title}. {published.completeness()}"
        yield f"Please cite: {published.credit}."
    if contents.side and is_too_large(contents.side):
        yield (
            f"The photos are about {contents.side} px long, and training scales each "
            f"down to {TILE_SIDE} px, so fine cracks are lost. To train on them, give "
            "masks in a folder 'masks' beside the class folders, or mark regions in an "
            "inspection."
        )


def _list(options: argparse.Namespace) -> int:
    summaries = []
    for name in dataset_names():
        with told():
            summaries.append(summary(load_dataset(name)))
    if options.json:
        print_json(summaries)
    elif summaries:
        columns = ("name", "images", "crack_class", "near_copies", "unreadable", "root")
        print_table(columns, [[row[c] for c in columns] for row in summaries])
    else:
        print(
            "No datasets yet. Add one: python -m crack dataset add NAME SOURCE",
            file=sys.stderr,
        )
    return 0


def _check(options: argparse.Namespace) -> int:
    dataset = load_dataset(options.name)
    with progress_bar() as report:
        problems = check_dataset(dataset, report)
    if options.json:
        found = problems.to_dict("records")
        print_json({**summary(dataset), "problems": found})
    elif problems.empty:
        print(f"All {len(dataset.samples)} images are as they were indexed.")
    else:
        print_table(("file", "problem"), problems.to_numpy().tolist())
    return 0 if problems.empty else 1


def _delete(options: argparse.Namespace) -> int:
    delete_unused_dataset(options.name)
    print(f"Deleted '{options.name}'.")
    return 0


def summary(dataset: Dataset) -> dict[str, Any]:
    """Return what `--json` says of a dataset."""
    return {
        "name": dataset.name,
        "images": len(dataset.samples),
        "counts": dataset.counts,
        "crack_class": dataset.crack_class,
        "near_copies": dataset.near_copies,
        "photos": dataset.photos,
        "unreadable": len(dataset.unreadable),
        "fingerprint": dataset.fingerprint,
        "root": str(dataset.root),
        "added": dataset.added,
        "note": dataset.note,
        "credit": dataset.credit,
    }
