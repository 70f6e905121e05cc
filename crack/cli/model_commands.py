"""`crack models list | promote | default | rename | export | delete`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from crack.adaptation.dependents import delete_with_evaluations, dependents_of
from crack.cli import import_command, threshold_commands
from crack.cli.output import (
    JSON_HELP,
    NAME_HELP,
    PROGRESS_HELP,
    percent_or_dash,
    print_json,
    print_table,
    progress_shown,
    told,
)
from crack.cli.tensorflow_start import load_tensorflow
from crack.data.dataset import load_dataset
from crack.data.locations import location_of, path_of
from crack.data.transfers import check_free, written_at
from crack.errors import CrackError
from crack.reporting.export_words import difference_words
from crack.runs.export_formats import EXPORT_FORMATS, is_close
from crack.runs.listing import find_run
from crack.runs.registry import (
    Model,
    default_name,
    delete_model,
    find_model,
    model_names,
    promote,
    rename_model,
    set_default,
)


def add_commands(commands: Any) -> None:
    """Add the commands to the subparsers of `crack`."""
    group = commands.add_parser(
        "models", help="list, promote, change, import, export and delete models"
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")

    listing = actions.add_parser("list", help="list the models")
    listing.add_argument("--json", action="store_true", help=JSON_HELP)
    listing.set_defaults(command=_list)

    promoting = actions.add_parser("promote", help="make the result of a run a model")
    promoting.add_argument("run", help="id, or its beginning or end")
    promoting.add_argument("name", help="of the model to be")
    promoting.set_defaults(command=_promote)

    export = actions.add_parser("export", help="write a model for other programs")
    export.add_argument("name", help=NAME_HELP)
    export.add_argument(
        "--format", choices=EXPORT_FORMATS, required=True, help="of the file"
    )
    export.add_argument(
        "out", type=location_of, help="a new file or folder, or its URL"
    )
    export.add_argument(
        "--check",
        metavar="DATASET",
        help="tell how far the file is from the model on up to 500 of its images",
    )
    export.add_argument("--json", action="store_true", help=JSON_HELP)
    export.add_argument("--progress", type=path_of, metavar="FILE", help=PROGRESS_HELP)
    export.set_defaults(command=_export)

    default = actions.add_parser(
        "default", help="choose the model that is used if none is named"
    )
    default.add_argument("name", help=NAME_HELP)
    default.set_defaults(command=_default)

    renaming = actions.add_parser("rename", help="give a model another name")
    renaming.add_argument("name", help=NAME_HELP)
    renaming.add_argument("new_name", help="that it gets")
    renaming.set_defaults(command=_rename)

    delete = actions.add_parser("delete", help="delete a model and its evaluations")
    delete.add_argument("name", help=NAME_HELP)
    delete.set_defaults(command=_delete)
    threshold_commands.add_actions(actions)
    import_command.add_action(actions)


def _list(options: argparse.Namespace) -> int:
    models = []
    for name in model_names():
        with told():
            models.append(find_model(name))
    rows = [_row(model) for model in models]
    if options.json:
        print_json(rows)
    elif rows:
        shown = [
            row
            | {
                "test_accuracy": percent_or_dash(_test_accuracy(model)),
                "created": model.card.created[:10],
            }
            for row, model in zip(rows, models, strict=True)
        ]
        print_table(list(rows[0]), [[*map(_shown, row.values())] for row in shown])
    return 0


def _shown(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else value


def _test_accuracy(model: Model) -> float | None:
    metrics = model.card.test_metrics
    return metrics["accuracy"] if metrics else None


def _row(model: Model) -> dict[str, object]:
    return {
        "name": model.name,
        "backbone": model.card.backbone,
        "image_size": model.card.image_size,
        "dataset": model.card.dataset.get("name"),
        "split": model.card.dataset.get("split"),
        "test_accuracy": _test_accuracy(model),
        "created": model.card.created,
        "shipped": model.shipped,
        "default": model.name == default_name(),
    }


def _promote(options: argparse.Namespace) -> int:
    model = promote(find_run(options.run), options.name)
    print(
        f"'{model.name}' is ready: python -m crack predict --model {model.name} PHOTO"
    )
    return 0


def _export(options: argparse.Namespace) -> int:
    model = find_model(options.name)
    dataset = load_dataset(options.check) if options.check else None
    check_free(options.out)
    load_tensorflow()
    from crack.model.export import export_model
    from crack.model.export_check import largest_difference

    with progress_shown(options.progress) as report, written_at(options.out) as out:
        report("Writing the file", 0, 1)
        export_model(model, options.format, out)
        found = dataset and largest_difference(
            model, options.format, out, dataset, report
        )
    if options.json:
        print_json({"out": str(options.out), "difference": found})
    else:
        print(f"Wrote {options.out}.")
        if found:
            print(difference_words(found))
    return 1 if found and not is_close(found) else 0


def _default(options: argparse.Namespace) -> int:
    model = set_default(options.name)
    print(f"'{model.name}' is used if no model is named.")
    return 0


def _rename(options: argparse.Namespace) -> int:
    model = rename_model(options.name, options.new_name)
    print(f"'{options.name}' is called '{model.name}' now.")
    return 0


def _delete(options: argparse.Namespace) -> int:
    try:
        model = find_model(options.name)
    except CrackError:
        delete_model(options.name)  # it is damaged, or says that there is none
    else:
        told_of = dependents_of(model).sentences
        delete_with_evaluations(model)  # or it says why that cannot be
        for sentence in told_of:
            print(sentence, file=sys.stderr)
    print(f"Deleted model '{options.name}'.")
    return 0
